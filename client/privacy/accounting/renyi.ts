/**
 * Rényi differential privacy (Mironov, https://arxiv.org/abs/1702.07476) of the Gaussian mechanism on Poisson samples (Mironov, Talwar and
 * Zhang, https://arxiv.org/abs/1908.10530, section 3), and what it says of (ε, δ).
 */
import { logAdd, logErfc, logSubtract } from './errorFunction.ts';

/** The orders that are tried, as in Google's dp-accounting. */
export const orders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, place) => 1 + (place + 1) / 10),
  ...Array.from({ length: 53 }, (_, place) => place + 11),
  128,
  256,
  512,
  1024,
];

/** Gaussian noise of a standard deviation of `noiseMultiplier` sensitivities, on a sample that takes in each record with probability `samplingRate`. */
export interface SampledGaussian {
  noiseMultiplier: number;
  samplingRate: number;
}

/** Rényi divergence of one step at each of `orders`; those of several steps add up. */
export function renyiOfSampledGaussian({ noiseMultiplier, samplingRate }: SampledGaussian): Float64Array {
  return Float64Array.from(orders, (order) => {
    if (samplingRate === 0) return 0;
    if (noiseMultiplier === 0) return Number.POSITIVE_INFINITY;
    if (samplingRate === 1) return order / (2 * noiseMultiplier ** 2);
    const moment = Number.isInteger(order) ? logWholeMoment : logMoment;
    return moment(samplingRate, noiseMultiplier, order) / (order - 1);
  });
}

/** log of the sum over k of C(α, k) (1 − q)^(α−k) q^k exp((k² − k)/2σ²): equation 3.2 there. */
function logWholeMoment(q: number, sigma: number, order: number): number {
  let total = Number.NEGATIVE_INFINITY;
  let logChoices = 0;
  for (let k = 0; k <= order; k++) {
    const term = logChoices + k * Math.log(q) + (order - k) * Math.log1p(-q) + (k * k - k) / (2 * sigma * sigma);
    total = logAdd(total, term);
    logChoices += Math.log(order - k) - Math.log(k + 1);
  }
  return total;
}

/** Terms below e^−30 change nothing. */
const leastTerm = -30;

/** The two series of section 3.3, for an order that is no whole number. */
function logMoment(q: number, sigma: number, order: number): number {
  const split = sigma * sigma * Math.log(1 / q - 1) + 0.5;
  const sums = { positive: Number.NEGATIVE_INFINITY, negative: Number.NEGATIVE_INFINITY };
  let [logChoices, sign] = [0, 1];
  for (let i = 0; ; i++) {
    const j = order - i;
    const below = term(i, j, (i - split) / (Math.SQRT2 * sigma), Math.log(q), Math.log1p(-q));
    const above = term(j, i, (split - j) / (Math.SQRT2 * sigma), Math.log(q), Math.log1p(-q));
    const part = sign > 0 ? 'positive' : 'negative';
    sums[part] = logAdd(sums[part], logAdd(below, above));
    if (Math.max(below, above) < leastTerm && i > order) break;
    logChoices += Math.log(Math.abs(order - i)) - Math.log(i + 1);
    if (order - i < 0) sign = -sign;
  }
  return logSubtract(sums.positive, sums.negative);

  /** `power` draws from the sample, `rest` not. */
  function term(power: number, rest: number, bound: number, logQ: number, logRest: number): number {
    const moment = (power * power - power) / (2 * sigma * sigma);
    return logChoices + power * logQ + rest * logRest + moment - Math.LN2 + logErfc(bound);
  }
}

/**
 * The ε that holds with `delta`, from divergences at `orders` (Canonne, Kamath and Steinke, https://arxiv.org/abs/2004.00010, proposition 12).
 */
export function epsilonOfRenyi(divergences: ArrayLike<number>, delta: number): number {
  const candidates = orders.map((order, place) => {
    const divergence = divergences[place]!;
    if (delta ** 2 + Math.expm1(-divergence) > 0) return 0; // by Pinsker and Bretagnolle-Huber
    return divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1);
  });
  return Math.max(0, Math.min(...candidates));
}

/** The divergences of several mechanisms together. */
export function composeRenyi(parts: readonly { divergences: ArrayLike<number>; times: number }[]): Float64Array {
  return Float64Array.from(orders, (_, place) =>
    parts.reduce((sum, { divergences, times }) => sum + divergences[place]! * times, 0),
  );
}
