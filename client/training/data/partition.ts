/**
 * Splits one data set between simulated trainers. A partitioner is pure: it gives, for each part, the indices of its
 * samples; every sample belongs to exactly one part, and the seed decides which.
 */
import { TributaryError, validateArgument } from '../../core/errors.ts';
import { createRandom, shuffleInPlace } from '../../core/random.ts';
import type { Dataset } from '../engine.ts';
import { hasClasses, indicesByClass, selectSamples } from './dataset.ts';
import { sampleDirichlet } from './dirichlet.ts';

/** Indices of the samples of each of `parts` parts. Errors: CONFIG_INVALID where the data cannot be split so. */
export type Partitioner = (dataset: Dataset, parts: number, seed: string | number) => number[][];

/** Every sample to a part at random; sizes differ by at most one. */
export const partitionIid: Partitioner = (dataset, parts, seed) =>
  partitionBySize(new Array<number>(parts).fill(1))(dataset, parts, seed);

/** Random samples in parts whose sizes are in the proportions of `shares`, one positive number a part. */
export function partitionBySize(shares: readonly number[]): Partitioner {
  validateArgument(
    shares.length > 0 && shares.every((share) => Number.isFinite(share) && share > 0),
    'Every share must be a number above 0.',
  );
  return (dataset, parts, seed) => {
    if (shares.length !== parts) {
      throw invalid(
        `The partition gives ${shares.length} sizes for ${parts} trainers: give one size for each trainer.`,
      );
    }
    checkParts(dataset, parts, 1);
    const indices = Array.from({ length: dataset.count }, (_, index) => index);
    shuffleInPlace(indices, createRandom(seed, 'partition', 'size'));
    return cut(indices, shares);
  };
}

/**
 * Label distribution skew: the samples of each class are shared out in proportions drawn from Dir(alpha) (Hsu et al., https://arxiv.org/abs/1909.06335;
 * in this form Li et al., https://arxiv.org/abs/2102.02079, section IV-A). A part that gets nothing is given one sample of the largest.
 */
export function partitionDirichlet(alpha: number): Partitioner {
  validateArgument(
    Number.isFinite(alpha) && alpha > 0,
    `alpha of a Dirichlet partition must be above 0, not ${alpha}.`,
  );
  return (dataset, parts, seed) => {
    const classes = classLists(dataset).filter((indices) => indices.length > 0);
    checkParts(dataset, parts, 1);
    const random = createRandom(seed, 'partition', 'dirichlet', alpha);
    for (const indices of classes) shuffleInPlace(indices, random);
    const pieces = classes.map((indices) => cut(indices, sampleDirichlet(alpha, parts, random)));
    const held = Array.from({ length: parts }, (_, part) => pieces.flatMap((ofClass) => ofClass[part]!));
    for (const own of held) {
      if (own.length === 0) own.push(held.reduce((a, b) => (b.length > a.length ? b : a)).pop()!);
    }
    return held;
  };
}

/**
 * The pathological split of McMahan et al. (https://arxiv.org/abs/1602.05629, section 3): the samples sorted by class are cut
 * into parts × k shards, and each part gets k of them, so most parts see k classes only.
 */
export function partitionShards(k: number): Partitioner {
  validateArgument(Number.isInteger(k) && k > 0, `Shards a trainer must be a whole number above 0, not ${k}.`);
  return (dataset, parts, seed) => {
    const classes = classLists(dataset);
    checkParts(dataset, parts, k);
    const random = createRandom(seed, 'partition', 'shards', k);
    for (const indices of classes) shuffleInPlace(indices, random);
    const shards = cut(classes.flat(), new Array<number>(parts * k).fill(1));
    const order = shards.map((_, shard) => shard);
    shuffleInPlace(order, random);
    return Array.from({ length: parts }, (_, part) =>
      order.slice(part * k, (part + 1) * k).flatMap((shard) => shards[shard]!),
    );
  };
}

/** The parts themselves. */
export function partitionDataset(
  dataset: Dataset,
  partitioner: Partitioner,
  parts: number,
  seed: string | number,
): Dataset[] {
  return partitioner(dataset, parts, seed).map((indices) => selectSamples(dataset, indices));
}

/** Consecutive pieces with lengths in the given proportions; their lengths add up exactly. */
function cut(indices: readonly number[], shares: ArrayLike<number>): number[][] {
  let total = 0;
  for (let i = 0; i < shares.length; i++) total += shares[i]!;
  let cumulative = 0;
  let start = 0;
  return Array.from({ length: shares.length }, (_, i) => {
    cumulative += shares[i]!;
    const end = i === shares.length - 1 ? indices.length : Math.round((cumulative / total) * indices.length);
    const piece = indices.slice(start, end);
    start = end;
    return piece;
  });
}

function classLists(dataset: Dataset): number[][] {
  if (!hasClasses(dataset))
    throw invalid('A partition by class needs class labels: use iid or sizes for a regression.');
  return indicesByClass(dataset);
}

function checkParts(dataset: Dataset, parts: number, samplesEach: number): void {
  validateArgument(
    Number.isInteger(parts) && parts > 0,
    `The number of parts must be a whole number above 0, not ${parts}.`,
  );
  if (dataset.count < parts * samplesEach) {
    throw invalid(`${dataset.count} samples are too few for ${parts} trainers: take fewer trainers or more data.`);
  }
}

function invalid(message: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', message);
}
