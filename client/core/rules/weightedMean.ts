/** Federated averaging: the mean of the updates by weight (McMahan et al., https://arxiv.org/abs/1602.05629, algorithm 1). */
import { updateBias } from '../numbers.ts';

/** Adds weight × (value + bias) to `sums`, [d]; exact below 2^53. Coordinates behind the last value count as zero. */
export function addWeightedInPlace(sums: Float64Array, values: Int16Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += weight * ((values[i] ?? 0) + updateBias);
}
