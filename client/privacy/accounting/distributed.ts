/**
 * Noise that many add a share of, so that the sum of whole numbers carries it: Rényi divergences at `orders`. Sensitivities and deviations
 * are in units of these numbers.
 */
import { validateArgument } from '../../core/errors.ts';
import { orders } from './renyi.ts';

export interface SharedNoise {
  /** The largest L2 norm of what one puts in. */
  norm: number;
  dimension: number;
  /** How many add their share in truth. */
  honest: number;
}

/**
 * Each adds discrete Gaussian noise of standard deviation `sigma` (Kairouz, Liu and Steinke, https://arxiv.org/abs/2102.06387, theorem 1).
 * Errors: ARGUMENT_INVALID where sigma is below ½, which the theorem wants.
 */
export function renyiOfDiscreteGaussian({
  norm,
  dimension,
  honest,
  sigma,
}: SharedNoise & { sigma: number }): Float64Array {
  validateArgument(sigma >= 0.5, `Discrete Gaussian noise wants a standard deviation of at least 0.5, not ${sigma}.`);
  let closeness = 0;
  for (let k = 1; k < honest; k++) closeness += 10 * Math.exp((-2 * Math.PI ** 2 * sigma ** 2 * k) / (k + 1));
  const ratio = norm / (Math.sqrt(honest) * sigma);
  const epsilon = Math.min(
    Math.sqrt(ratio ** 2 + (closeness * dimension) / 2),
    ratio + closeness * Math.sqrt(dimension),
  );
  return Float64Array.from(orders, (order) => (order * epsilon ** 2) / 2);
}

/**
 * Each adds Skellam noise of variance `variance` (Agarwal, Kairouz and Liu, https://arxiv.org/abs/2110.04995, theorem 3.5): their sum is
 * Skellam noise again.
 */
export function renyiOfSkellam({
  norm,
  dimension,
  honest,
  variance,
}: SharedNoise & { variance: number }): Float64Array {
  const total = honest * variance;
  const norm1 = Math.min(norm * Math.sqrt(dimension), norm ** 2); // of whole numbers
  return Float64Array.from(orders, (order) => {
    const gaussian = (order * norm ** 2) / (2 * total);
    const more = ((2 * order - 1) * norm ** 2 + 6 * norm1) / (4 * total ** 2);
    return gaussian + Math.min(more, (3 * norm1) / (2 * total));
  });
}
