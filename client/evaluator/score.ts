/**
 * What an update is worth to an evaluator: the drop in loss on the evaluator's own validation data when a small step in the
 * update's direction is made from the round's model, beside the drop of a typical update, as far as that differs by more than
 * chance, times how much of the update is new. Each part answers one way to be paid without honest work (docs/strategies.md
 * has the figures):
 *
 * - *A small step*, one n-th as the mean makes it, and not the whole update: with skewed data a whole honest update overshoots
 *   and would cost its author the reward.
 * - *Of one length for all*, the median of the round: scaling an update up gains nothing. Beyond twice the median it loses.
 * - *Relative to the median* of the round: evaluators whose data are harder or easier agree all the same.
 * - *Not by chance*: near convergence drops differ by less than a sample of data can tell. Who reports such differences all the
 *   same disagrees with all others, and evaluators that collude choose among what the honest say.
 *   What harms a little in every round shows in many: harm counts from a round, or from the rounds before.
 * - *At most twice the median*, for the same reason.
 * - *Times novelty*, relative to the median of the round and at most 1: an old step or a copy of an earlier update leads down
 *   as well as an honest update does, or better, but is known to all. Who hides it in noise loses as much in direction.
 *   Nobody can know what an honest trainer sends in the same round: colluders that send one vector several times are paid for none.
 * - *Times effect*: an update that moves the loss of no sample says nothing of any data, whatever its length.
 */
import { decodeUpdate, squaredNorm } from '../core/codec.ts';
import { saturateInt16 } from '../core/numbers.ts';
import { lowerMedian } from '../core/rewards/median.ts';
import type { CompiledModel, Dataset } from '../training/engine.ts';
import { foldsOf, follow, meanOf, mostFolds, shrink, standardErrorOf } from './chance.ts';
import { dot, noveltyOf } from './novelty.ts';

/** Score of a typical update. */
export const typicalScore = 2 ** 12;
/** Typical scores that an update can have. */
const mostTypical = 2;
/** Standard errors that a typical drop counts for at least: below them the round's drops are chance. */
const leastErrors = 2;
/** Median norms that an update may have without losing. */
const longestNorms = 2;
/** Median effects that an update must have not to lose. */
const leastEffect = 0.5;

export interface TrainerUpdate {
  trainer: string;
  values: Int16Array;
}

export interface ScoringRound {
  model: Pick<CompiledModel, 'evaluate' | 'statistics' | 'lossesInParts'>;
  /** The model that the round started from, [d]. */
  base: Float32Array;
  /** The model before that one, [d]; undefined in the first round. */
  previousBase: Float32Array | undefined;
  /** The included updates of the round that made `base`; none in the first round. */
  earlierUpdates: readonly TrainerUpdate[];
  /** The included updates of the round, in the order of the scored list. */
  updates: readonly TrainerUpdate[];
  validation: Dataset;
  /** What the evaluator has found of trainers in the rounds before. */
  found: Findings;
}

/** By trainer how its drops have differed from typical ones, in units of their rounds, one number a fold: the later the round, the more. */
export type Findings = ReadonlyMap<string, readonly number[]>;

export interface Scored {
  /** One for each update, in its order. */
  scores: Int16Array;
  /** The rounds before and this one. */
  found: Findings;
}

/** Errors: those of `evaluate`. */
export async function scoreUpdates(round: ScoringRound): Promise<Scored> {
  if (round.model.statistics?.areDue(round.base)) return { scores: scoreStatistics(round), found: round.found };
  const norms = round.updates.map(({ values }) => Math.sqrt(squaredNorm(values)));
  const medianNorm = medianOrZero(norms.filter((norm) => norm > 0));
  const novelties = relativeNovelties(round);
  const drops = await dropsOf(round, norms, medianNorm);
  const { relative, found } = relativeScores(drops, novelties, round);
  const effects = drops.map((folds) => Math.sqrt(meanOf(folds.map((drop) => drop ** 2))));
  const medianEffect = medianOrZero(effects.filter((_, index) => novelties[index]! > 0));
  const scores = Int16Array.from(relative, (score, index) => {
    if (score <= 0) return saturateInt16(Math.round(score * typicalScore));
    if (effects[index] === 0) return 0;
    const effect = Math.min(1, effects[index]! / (leastEffect * medianEffect));
    const length = Math.min(1, (longestNorms * medianNorm) / norms[index]!);
    return Math.round(Math.min(mostTypical, score * novelties[index]! * effect * length) * typicalScore);
  });
  return { scores, found };
}

/** Nobody can tell one site's statistics from another's: all that can be true are typical, the others are harm. */
function scoreStatistics({ model, base, updates }: ScoringRound): Int16Array {
  return Int16Array.from(updates, ({ values }) => {
    const areSound = model.statistics!.areSound(base, addScaled(base, decodeUpdate(values), 1));
    return areSound ? typicalScore : -typicalScore;
  });
}

/** In nat a whole step, of each update one a fold. */
async function dropsOf(
  { model, base, updates, validation }: ScoringRound,
  norms: readonly number[],
  medianNorm: number,
): Promise<number[][]> {
  // a program knows its data, and nobody else
  const folds = model.lossesInParts === undefined ? foldsOf(validation) : [];
  const lossesOf = async (parameters: Float32Array) => {
    if (model.lossesInParts !== undefined) return await model.lossesInParts(parameters, mostFolds);
    const losses: number[] = [];
    for (const fold of folds) losses.push((await model.evaluate(parameters, fold)).loss);
    return losses;
  };
  const before = await lossesOf(base);
  const drops: number[][] = [];
  for (const [index, { values }] of updates.entries()) {
    if (norms[index] === 0) {
      drops.push(before.map(() => 0));
      continue;
    }
    const factor = medianNorm / norms[index]! / updates.length;
    const after = await lossesOf(addScaled(base, decodeUpdate(values), factor));
    drops.push(before.map((loss, fold) => (loss - after[fold]!) * updates.length));
  }
  return drops;
}

/**
 * 1 for what differs from a typical update by chance only. What nobody has worked for is not typical. Harm that one round cannot tell
 * from chance counts where many rounds can.
 */
function relativeScores(
  drops: readonly number[][],
  novelties: readonly number[],
  { updates, found: foundBefore }: ScoringRound,
): { relative: number[]; found: Findings } {
  const isNew = (_: unknown, index: number) => novelties[index]! > 0;
  const typicalFolds = (drops[0] ?? []).map((_, fold) => medianOrZero(drops.map((of) => of[fold]!).filter(isNew)));
  const typical = Math.max(0, meanOf(typicalFolds));
  const differences = drops.map((of) => of.map((drop, fold) => drop - typicalFolds[fold]!));
  const errors = differences.map(standardErrorOf);
  const unit = Math.max(typical, leastErrors * medianOrZero(errors.filter(isNew)));
  if (unit === 0) return { relative: drops.map(() => 0), found: foundBefore };
  const found = new Map(foundBefore);
  const relative = drops.map((of, index) => {
    const { trainer } = updates[index]!;
    const overRounds = follow(
      foundBefore.get(trainer),
      differences[index]!.map((difference) => difference / unit),
    );
    found.set(trainer, overRounds);
    const now = shrink(meanOf(of) - typical, errors[index]!) / unit;
    const before = shrink(meanOf(overRounds), standardErrorOf(overRounds));
    return 1 + (before < 0 ? Math.min(now, before) : now);
  });
  return { relative, found };
}

/** Relative to the median of the round, at most 1. */
function relativeNovelties({ base, previousBase, earlierUpdates, updates }: ScoringRound): number[] {
  const lastStep = previousBase === undefined ? [] : [addScaled(base, previousBase, -1)];
  const known = [...lastStep.map((values) => ({ trainer: 'everybody', values })), ...earlierUpdates];
  const novelties = updates.map((update) => (isRepeated(update, updates) ? 0 : noveltyOf(update, known)));
  const median = medianOrZero(novelties);
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

/** Zero where there is nothing typical. */
function medianOrZero(values: readonly number[]): number {
  return values.length === 0 ? 0 : lowerMedian(values);
}

function addScaled(a: Float32Array, b: Float32Array, factor: number): Float32Array {
  return a.map((value, i) => value + factor * b[i]!);
}
