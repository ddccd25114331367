/**
 * Privacy loss distributions, numerically: tighter than Rényi's bounds. The loss of an outcome is log P/Q; what is needed of it is how much
 * P lies at each loss. Losses stand on a grid, so that P and Q keep their weight in each of its cells: such a distribution never says less
 * than the true one (Doroshenko et al., "Connect the Dots", https://arxiv.org/abs/2207.04380). Compositions are convolutions.
 */
import FFT from 'fft.js';
import { logAdd, logNormalTail, logSubtract } from './errorFunction.ts';
import type { SampledGaussian } from './renyi.ts';

/** How much of P has the loss (first + i) · `spacing`, and how much an infinite one. */
export interface LossDistribution {
  first: number;
  weights: Float64Array;
  infinite: number;
}

/** Between neighbouring losses of the grid. */
export const spacing = 1e-4;

/** What lies beyond so many standard deviations has no weight: 2^-100 of all. */
const tails = 12;

/**
 * Of the Gaussian mechanism on a Poisson sample (as `SampledGaussian`), when a record is taken away and when one is added: P and Q are the
 * mixture (1 − q)·N(0, σ²) + q·N(1, σ²) and N(0, σ²), or the other way about.
 */
export function lossesOfSampledGaussian(mechanism: SampledGaussian): [LossDistribution, LossDistribution] {
  return [discretise(mechanism, 1), discretise(mechanism, -1)];
}

function discretise({ noiseMultiplier: sigma, samplingRate: q }: SampledGaussian, sign: 1 | -1): LossDistribution {
  /** log of the mixture over the normal distribution: rises with x. */
  const loss = (x: number) => logAdd(Math.log1p(-q), Math.log(q) + (2 * x - 1) / (2 * sigma * sigma));
  /** Where that is `value`; −∞ where it is always above. */
  const place = (value: number) => {
    const rest = value - Math.log1p(-q);
    if (q < 1 && rest <= 0) return Number.NEGATIVE_INFINITY;
    const log = q === 1 ? value : Math.log1p(-q) + Math.log(Math.expm1(rest)) - Math.log(q);
    return sigma * sigma * log + 0.5;
  };
  const [lowest, highest] = [-tails * sigma, 1 + tails * sigma];
  const range = [loss(lowest), loss(highest)] as const;
  const first = Math.floor((sign > 0 ? range[0] : -range[1]) / spacing);
  const last = Math.ceil((sign > 0 ? range[1] : -range[0]) / spacing);
  const weights = new Float64Array(last - first + 1);
  for (let cell = first; cell < last; cell++) {
    const ends = sign > 0 ? [cell, cell + 1] : [-cell - 1, -cell];
    const [from, to] = [place(ends[0]! * spacing), place(ends[1]! * spacing)];
    const normal = logWeight(from / sigma, to / sigma);
    const shifted = logWeight((from - 1) / sigma, (to - 1) / sigma);
    const mixture = logAdd(Math.log1p(-q) + normal, Math.log(q) + shifted);
    const [p, other] = sign > 0 ? [mixture, normal] : [normal, mixture];
    // both weights of the cell are kept by its two ends
    const whole = Math.exp(p);
    const upper = Math.max(0, Math.min(whole, (whole - Math.exp(other + cell * spacing)) / -Math.expm1(-spacing)));
    weights[cell - first]! += whole - upper;
    weights[cell - first + 1]! += upper;
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { first, weights, infinite: Math.max(0, 1 - total) < 1e-12 ? 0 : 1 - total };
}

/** log P(from < Z < to) of a standard normal Z, from the nearer tail. */
function logWeight(from: number, to: number): number {
  return from > 0
    ? logSubtract(logNormalTail(from), logNormalTail(to))
    : logSubtract(logNormalTail(-to), logNormalTail(-from));
}

/** What of the sum's weight may lie outside of the losses that are kept: it counts as infinite loss. */
const outside = 1e-15;

/** The loss of `parts` together, each as often as it says, taken independently. */
export function composeLosses(parts: readonly { losses: LossDistribution; times: number }[]): LossDistribution {
  const [lowest, highest] = rangeOf(parts);
  const size = 2 ** Math.max(2, Math.ceil(Math.log2(highest - lowest + 1)));
  const fft = new FFT(size);
  const product = Float64Array.from({ length: 2 * size }, (_, place) => (place + 1) % 2); // ones
  for (const { losses, times } of parts) {
    const wrapped = new Float64Array(size);
    losses.weights.forEach((weight, place) => {
      wrapped[modulo(losses.first + place, size)]! += weight;
    });
    const spectrum = fft.createComplexArray();
    fft.realTransform(spectrum, wrapped);
    fft.completeSpectrum(spectrum);
    multiplyByPower(product, spectrum, times);
  }
  const sums = fft.createComplexArray();
  fft.inverseTransform(sums, product);
  const weights = Float64Array.from({ length: size }, (_, place) =>
    Math.max(0, sums[2 * modulo(lowest + place, size)]!),
  );
  const finite = parts.reduce((share, { losses, times }) => share * (1 - losses.infinite) ** times, 1);
  return { first: lowest, weights, infinite: 1 - finite + outside };
}

/** `product` times `factor` to the power of `times`, number by number. */
function multiplyByPower(product: Float64Array, factor: ArrayLike<number>, times: number): void {
  for (let place = 0; place < product.length; place += 2) {
    const [re, im] = [factor[place]!, factor[place + 1]!];
    const length = Math.hypot(re, im) ** times;
    const angle = Math.atan2(im, re) * times;
    const [powerRe, powerIm] = [length * Math.cos(angle), length * Math.sin(angle)];
    const [a, b] = [product[place]!, product[place + 1]!];
    product[place] = a * powerRe - b * powerIm;
    product[place + 1] = a * powerIm + b * powerRe;
  }
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}

/** Places of the grid between which all but `outside` of the sum lies, by Chernoff's bound. */
function rangeOf(parts: readonly { losses: LossDistribution; times: number }[]): [number, number] {
  const logOutside = Math.log(outside / 2);
  let [lowest, highest] = [0, 0];
  for (const { losses, times } of parts) {
    lowest += times * losses.first;
    highest += times * (losses.first + losses.weights.length - 1);
  }
  for (let step = 2 ** -12; step <= 2 ** 12; step *= 2) {
    const up = parts.reduce((sum, { losses, times }) => sum + times * logMoment(losses, step), 0);
    const down = parts.reduce((sum, { losses, times }) => sum + times * logMoment(losses, -step), 0);
    highest = Math.min(highest, Math.ceil((up - logOutside) / step / spacing));
    lowest = Math.max(lowest, Math.floor((logOutside - down) / step / spacing));
  }
  return [lowest, Math.max(lowest, highest)];
}

/** log E[exp(factor · loss)], an upper bound: of every sixteen losses that are neighbours the one that counts most stands for all. */
function logMoment({ first, weights }: LossDistribution, factor: number): number {
  let total = Number.NEGATIVE_INFINITY;
  for (let from = 0; from < weights.length; from += 16) {
    const to = Math.min(from + 16, weights.length);
    let weight = 0;
    for (let place = from; place < to; place++) weight += weights[place]!;
    if (weight > 0) total = logAdd(total, Math.log(weight) + factor * (first + (factor > 0 ? to - 1 : from)) * spacing);
  }
  return total;
}

/** The smallest ε ≥ 0 that holds with `delta`: δ(ε) is the infinite weight and Σ w(l)·(1 − e^(ε − l)) over the losses l above ε. */
export function epsilonOfLosses({ first, weights, infinite }: LossDistribution, delta: number): number {
  let [above, scaled] = [infinite, 0];
  const epsilonWithin = () => (scaled > 0 ? Math.log((above - delta) / scaled) : Number.POSITIVE_INFINITY);
  for (let place = weights.length - 1; place >= Math.max(0, -first); place--) {
    const loss = (first + place) * spacing;
    if (above - Math.exp(loss) * scaled > delta) return epsilonWithin();
    above += weights[place]!;
    scaled += weights[place]! * Math.exp(-loss);
  }
  return above > delta ? Math.max(0, epsilonWithin()) : 0;
}
