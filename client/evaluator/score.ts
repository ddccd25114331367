/**
 * What an update is worth to an evaluator: the drop in loss on the evaluator's own validation data when a small step in the
 * update's direction is made from the round's model, times how much of the update is new. Each part answers one way to be
 * paid without honest training (docs/strategies.md has the figures):
 *
 * - *A small step*, one n-th as the mean makes it, and not the whole update: with skewed data a whole honest update overshoots
 *   and would cost its author the reward.
 * - *Of one length for all*, the median of the round: scaling an update up gains nothing. Beyond twice the median it loses.
 * - *Relative to the mean* of what the evaluator's data reward: evaluators whose data are harder or easier agree all the same.
 * - *Times novelty*, relative to the median of the round and at most 1: an old step or a copy of an earlier update leads down
 *   as well as an honest update does, or better, but is known to all. Who hides it in noise loses as much in direction.
 *   Nobody can know what an honest trainer sends in the same round: colluders that send one vector several times are paid for none.
 */
import { decodeUpdate, squaredNorm } from '../core/codec.ts';
import { saturateInt16 } from '../core/numbers.ts';
import type { CompiledModel, Dataset } from '../training/engine.ts';
import { dot, noveltyOf } from './novelty.ts';

/** Score of an update that earns as much as the mean of the round. */
export const meanScore = 2 ** 12;

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
  const drops = await dropsOf(round);
  const mean = drops.reduce((sum, drop) => sum + Math.max(0, drop), 0) / drops.length;
  return Int16Array.from(drops, (drop) => (mean > 0 ? saturateInt16(Math.round((drop / mean) * meanScore)) : 0));
}

/** In nat a whole step, after what novelty and length leave of it. */
async function dropsOf(round: ScoringRound): Promise<number[]> {
  const { model, base, updates, validation } = round;
  const norms = updates.map(({ values }) => Math.sqrt(squaredNorm(values)));
  const medianNorm = lowerMedian(norms);
  const novelties = relativeNovelties(round);
  const { loss } = await model.evaluate(base, validation);
  const drops: number[] = [];
  for (const [index, { values }] of updates.entries()) {
    const length = norms[index]! / medianNorm;
    if (norms[index] === 0 || medianNorm === 0) {
      drops.push(0);
      continue;
    }
    const stepped = addScaled(base, decodeUpdate(values), 1 / length / updates.length);
    const drop = (loss - (await model.evaluate(stepped, validation)).loss) * updates.length;
    drops.push(drop > 0 ? drop * novelties[index]! * Math.min(1, longestNorms / length) : drop);
  }
  return drops;
}

/** Median norms that an update may have without losing. */
const longestNorms = 2;

/** Relative to the median of the round, at most 1. */
function relativeNovelties({ base, previousBase, earlierUpdates, updates }: ScoringRound): number[] {
  const lastStep = previousBase === undefined ? [] : [addScaled(base, previousBase, -1)];
  const known = [...lastStep.map((values) => ({ trainer: 'everybody', values })), ...earlierUpdates];
  const novelties = updates.map((update) => (isRepeated(update, updates) ? 0 : noveltyOf(update, known)));
  const median = lowerMedian(novelties);
  return novelties.map((novelty) => (median > 0 ? Math.min(1, novelty / median) : Math.sign(novelty)));
}

/** The cosine of two updates of one round, squared, from which they are one. */
const sameCosineSquared = 0.98;

function isRepeated(update: TrainerUpdate, updates: readonly TrainerUpdate[]): boolean {
  const squared = squaredNorm(update.values);
  return updates.some((other) => {
    const product = dot(update.values, other.values);
    const same = product > 0 && product ** 2 >= sameCosineSquared * squared * squaredNorm(other.values);
    return other.trainer !== update.trainer && same;
  });
}

function lowerMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function addScaled(a: Float32Array, b: Float32Array, factor: number): Float32Array {
  return a.map((value, i) => value + factor * b[i]!);
}
