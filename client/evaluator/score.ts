/**
 * What an update is worth to an evaluator: the drop in loss on the evaluator's own validation data when a small step in the
 * update's direction is made from the round's model, times how much of the update is new. Each part answers one way to be
 * paid without honest training (docs/strategies.md has the figures):
 *
 * - *A small step*, one n-th as the mean makes it, and not the whole update: with skewed data a whole honest update overshoots
 *   and would cost its author the reward.
 * - *Of one length for all*, the median of the round: scaling an update up gains nothing. Beyond twice the median it loses.
 * - *Times novelty*, relative to the median of the round and at most 1: an old step or a copy of an earlier update leads down
 *   as well as an honest update does, or better, but is known to all. Who hides it in noise loses as much in direction.
 */
import { decodeUpdate, squaredNorm } from '../core/codec.ts';
import { saturateInt16 } from '../core/numbers.ts';
import type { CompiledModel, Dataset } from '../training/engine.ts';
import { noveltyOf } from './novelty.ts';

/** Scores are in units of 2^-16 nat, saturating at half a nat. */
export const scoreFractionBits = 16;

export interface TrainerUpdate {
  trainer: string;
  values: Int16Array;
}

export interface ScoringRound {
  model: Pick<CompiledModel, 'evaluate'>;
  /** The model that the round started from, [d]. */
  base: Float32Array;
  /** The model before that one, [d]; undefined in the first round. */
  previousBase: Float32Array | undefined;
  /** The included updates of the round that made `base`; none in the first round. */
  earlierUpdates: readonly TrainerUpdate[];
  /** The included updates of the round, in the order of the scored list. */
  updates: readonly TrainerUpdate[];
  validation: Dataset;
}

/** One score for each update, in its order. Errors: those of `evaluate`. */
export async function scoreUpdates(round: ScoringRound): Promise<Int16Array> {
  const { model, base, updates, validation } = round;
  const scores = new Int16Array(updates.length);
  const norms = updates.map(({ values }) => Math.sqrt(squaredNorm(values)));
  const medianNorm = lowerMedian(norms);
  if (!(medianNorm > 0)) return scores;
  const novelties = relativeNovelties(round);
  const { loss } = await model.evaluate(base, validation);
  for (const [index, { values }] of updates.entries()) {
    const norm = norms[index]!;
    if (norm === 0) continue;
    const step = medianNorm / norm / updates.length;
    const stepped = await model.evaluate(addScaled(base, decodeUpdate(values), step), validation);
    const drop = (loss - stepped.loss) * updates.length;
    const earned = drop > 0 ? drop * novelties[index]! * Math.min(1, (longestNorms * medianNorm) / norm) : drop;
    scores[index] = saturateInt16(Math.round(earned * 2 ** scoreFractionBits));
  }
  return scores;
}

/** Median norms that an update may have without losing. */
const longestNorms = 2;

/** Relative to the median of the round, at most 1. */
function relativeNovelties({ base, previousBase, earlierUpdates, updates }: ScoringRound): number[] {
  const lastStep = previousBase === undefined ? [] : [addScaled(base, previousBase, -1)];
  const known = [...lastStep.map((values) => ({ trainer: 'everybody', values })), ...earlierUpdates];
  const novelties = updates.map((update) => noveltyOf(update, known));
  const median = lowerMedian(novelties);
  return novelties.map((novelty) => (median > 0 ? Math.min(1, novelty / median) : 1));
}

function lowerMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function addScaled(a: Float32Array, b: Float32Array, factor: number): Float32Array {
  return a.map((value, i) => value + factor * b[i]!);
}
