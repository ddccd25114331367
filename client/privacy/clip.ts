/** Clipping an update to an L2 norm (McMahan et al., https://arxiv.org/abs/1710.06963, algorithm 1, FlatClip). */
import { validateArgument } from '../core/errors.ts';
import { updateFractionBits } from '../core/numbers.ts';

export interface ClippedUpdate {
  /** A new vector, also where nothing was clipped. */
  update: Float32Array;
  /** What every coordinate was multiplied by: 1 where the norm was within the bound already. */
  scale: number;
}

/** Scales `update` down to L2 norm `maxNorm`, in the update's own units. Errors: ARGUMENT_INVALID unless `maxNorm` > 0. */
export function clipToNorm(update: Float32Array, maxNorm: number): ClippedUpdate {
  validateArgument(maxNorm > 0, `The norm to clip to is ${maxNorm}: it must be above zero.`);
  const norm = l2Norm(update);
  const scale = norm > maxNorm ? maxNorm / norm : 1;
  return { update: update.map((value) => value * scale), scale };
}

export function l2Norm(update: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < update.length; i++) sum += update[i]! * update[i]!;
  return Math.sqrt(sum);
}

/**
 * The norm to clip to so that the encoded update is surely within the task's bound. Stochastic rounding moves each of the
 * d coordinates by less than one unit, so the whole vector by less than √d units; float32 by less than 2^-23 of itself.
 * `maxSquaredNorm` is in squared update units. Errors: ARGUMENT_INVALID where the bound is too small for d coordinates.
 */
export function clipNormForBound(maxSquaredNorm: number, dimension: number): number {
  const units = Math.sqrt(maxSquaredNorm) - Math.sqrt(dimension);
  validateArgument(
    units > 0,
    `A bound of ${maxSquaredNorm} on the squared norm leaves nothing to an update of ${dimension} coordinates: allow more than one squared unit for each.`,
  );
  return (units * (1 - 2 ** -23)) / 2 ** updateFractionBits;
}
