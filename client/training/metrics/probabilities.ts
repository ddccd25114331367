/** Probabilities of outputs, in double precision and without overflow. */

/** log Σ exp */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - largest);
  return largest + Math.log(sum);
}

/** softmax(logits) */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const total = logSumExp(logits);
  return Float64Array.from(logits, (logit) => Math.exp(logit - total));
}

/** log p ÷ (1 − p) of the class at `place`: in the order of the probabilities, also where these are rounded to 1. */
export function logOdds(logits: ArrayLike<number>, place: number, logTotal: number): number {
  const value = logits[place]! - logTotal;
  const probability = Math.exp(value);
  if (probability <= 0.5) return value - Math.log1p(-probability);
  return logits[place]! - logSumExp(Float64Array.from(logits).filter((_, other) => other !== place));
}

/** The first of the largest. */
export function largestOf(values: ArrayLike<number>): number {
  let place = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[place]!) place = i;
  return place;
}

/** NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
