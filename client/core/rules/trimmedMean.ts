/**
 * The coordinate-wise trimmed mean and median (Yin et al., https://arxiv.org/abs/1803.01498, definitions 1 and 2).
 *
 * With k values cut at each end, let low be the (k+1)th smallest and high the (k+1)th largest value. Then
 *
 *   sum of the kept values = Σ clamp(value, low, high) − k·(low + high)
 *
 * and that low and high are the right cuts is verified by counting: fewer than k+1 values lie below low and more than
 * k at or below it, and the same from above. No sorting is proven, and ties need no care.
 */

/** The two cut values of every coordinate, [d] each. */
export interface Cuts {
  low: Int16Array;
  high: Int16Array;
}

/** `updates` are n vectors, 2·trim < n. Coordinates behind the last value count as zero. */
export function findCuts(updates: readonly Int16Array[], trim: number, dimension: number): Cuts {
  const n = updates.length;
  const low = new Int16Array(dimension);
  const high = new Int16Array(dimension);
  const sorted = new Int16Array(n);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < n; j++) sorted[j] = updates[j]![i] ?? 0;
    sorted.sort();
    low[i] = sorted[trim]!;
    high[i] = sorted[n - 1 - trim]!;
  }
  return { low, high };
}

/** Where someone claims a low above the high, the high counts, as in contracts/libraries/Columns.sol. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(value, low));
}
