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

/** `updates` are n vectors of d coordinates, 2·trim < n. */
export function findCuts(updates: readonly Int16Array[], trim: number, dimension: number): Cuts {
  const n = updates.length;
  const low = new Int16Array(dimension);
  const high = new Int16Array(dimension);
  const sorted = new Int16Array(n);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < n; j++) sorted[j] = updates[j]![i]!;
    if (n <= insertionSortLimit) insertionSort(sorted);
    else sorted.sort();
    low[i] = sorted[trim]!;
    high[i] = sorted[n - 1 - trim]!;
  }
  return { low, high };
}

/** Measured: above about this many values the native sort is faster. */
const insertionSortLimit = 48;

function insertionSort(values: Int16Array): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let j = i - 1;
    while (j >= 0 && values[j]! > value) {
      values[j + 1] = values[j]!;
      j--;
    }
    values[j + 1] = value;
  }
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
