/** Medians that are one of their values, so that they are found and checked by counting, without rounding. */
import { validateArgument } from '../errors.ts';

export interface Weighted {
  value: number;
  weight: bigint;
}

/**
 * The m with 2·Σ weight[value < m] < T ≤ 2·Σ weight[value ≤ m], T = Σ weight: whoever holds less than half of T cannot move it out of
 * the range of the others' values. Zero where nothing has weight. Errors: ARGUMENT_INVALID for a weight below zero.
 */
export function weightedLowerMedian(values: readonly Weighted[]): number {
  validateArgument(
    values.every(({ weight }) => weight >= 0n),
    'A weight below zero has no place in a median.',
  );
  const total = values.reduce((sum, { weight }) => sum + weight, 0n);
  if (total === 0n) return 0;
  const sorted = [...values].sort((a, b) => a.value - b.value);
  let sum = 0n;
  const median = sorted.find(({ weight }) => {
    sum += weight;
    return 2n * sum >= total;
  });
  return median!.value;
}

/** The m with 2·#(value < m) < n ≤ 2·#(value ≤ m). Errors: ARGUMENT_INVALID for no values. */
export function lowerMedian(values: readonly number[]): number {
  validateArgument(values.length > 0, 'The median of no values is not defined.');
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
}
