/** Federated averaging: the mean of the updates by weight (McMahan et al., https://arxiv.org/abs/1602.05629, algorithm 1). */
import { updateBias } from '../numbers.ts';
import type { WeightedUpdate } from './rule.ts';

/** Adds weight × (value + bias) to `sums`, [d]; exact below 2^53. */
export function addWeightedInPlace(sums: Float64Array, { values, weight }: WeightedUpdate): void {
  for (let i = 0; i < values.length; i++) sums[i]! += weight * (values[i]! + updateBias);
}
