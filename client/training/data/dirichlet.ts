import type { Random } from '../../core/random.ts';

/** One draw from the symmetric Dirichlet distribution: `length` proportions that add up to 1. alpha > 0. */
export function sampleDirichlet(alpha: number, length: number, random: Random): Float64Array {
  // In logarithms: for a small alpha every gamma draw may underflow to zero.
  const logs = Float64Array.from({ length }, () => sampleLogGamma(alpha, random));
  const largest = logs.reduce((a, b) => Math.max(a, b));
  const proportions = logs.map((log) => Math.exp(log - largest));
  const sum = proportions.reduce((a, b) => a + b);
  return proportions.map((value) => value / sum);
}

/**
 * The logarithm of a draw from Gamma(shape, 1): Marsaglia and Tsang, "A simple method for generating gamma variables",
 * ACM TOMS 26 (2000), section 2; for shape < 1 by their section 6, Gamma(a) = Gamma(a + 1)·U^(1/a).
 */
export function sampleLogGamma(shape: number, random: Random): number {
  if (shape < 1) return sampleLogGamma(shape + 1, random) + Math.log(1 - random.float()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.float()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
      return Math.log(d) + Math.log(v);
    }
  }
}
