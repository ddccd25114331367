/** Probabilities of outputs, in double precision and without overflow. */

/** log softmax(logits) */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const largest = values.reduce((a, b) => Math.max(a, b));
  const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return values.map((value) => value - largest - Math.log(total));
}

/** log p ÷ (1 − p) of each class: in the order of the probabilities, also where these are rounded to 1. */
export function logOdds(logits: ArrayLike<number>, logProbabilities: Float64Array): Float64Array {
  return logProbabilities.map((value, place) => {
    const probability = Math.exp(value);
    if (probability <= 0.5) return value - Math.log1p(-probability);
    const others = Float64Array.from(logits).filter((_, other) => other !== place);
    const largest = others.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return logits[place]! - largest - Math.log(others.reduce((sum, other) => sum + Math.exp(other - largest), 0));
  });
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
