/** An update from private data: trained, clipped, encoded. The one way of it, for a trainer and for a simulation. */
import { encodeUpdate, updateToBytes } from '../../core/codec.ts';
import { buildUpdateTree } from '../../core/commitment.ts';
import { TributaryError } from '../../core/errors.ts';
import { createRandom } from '../../core/random.ts';
import { type SumNode, sumTreeRoot } from '../../core/sumTree.ts';
import { clipToNorm, l2Norm } from '../../privacy/clip.ts';
import type { CompiledModel, Dataset, TrainOptions } from '../../training/engine.ts';

/** Whose update of which round. It and the task's seed name all that is random of it: a process that died makes the very same again. */
export interface UpdateAuthor {
  /** Of the task. */
  seed: string;
  account: string;
  round: number;
}

/** An update as it is submitted and served. */
export interface LocalUpdate {
  /** [d], in units of 2^-16. */
  values: Int16Array;
  /** As they are served. */
  bytes: Uint8Array;
  /** Of the tree over its chunks; the sum is its squared norm. */
  root: SumNode;
  /** How many coordinates were out of range and were cut to it. */
  saturated: number;
}

/** What training has made of the global model. */
export interface TrainedUpdate {
  /** Trained minus global, [d]. */
  update: Float32Array;
  /** Mean over the last epoch. */
  loss: number;
  /** Clipping would make it untrue: it brings statistics of the data. */
  isExact?: boolean;
  /** What a program of one's own has measured besides. */
  metrics?: Readonly<Record<string, number>> | undefined;
}

/** Errors: those of `CompiledModel.trainLocally`. */
export async function trainUpdate(
  model: CompiledModel,
  global: Float32Array,
  data: Dataset,
  { seed, account, round }: UpdateAuthor,
  options: Omit<TrainOptions, 'seed'> = {},
): Promise<TrainedUpdate> {
  const own = { ...options, seed: `${seed}/${account}/${round}`, round };
  const { parameters, loss, metrics } = await model.trainLocally(global, data, own);
  const isExact = model.statistics?.areDue(global) ?? false;
  return { update: parameters.map((value, index) => value - global[index]!), loss, isExact, metrics };
}

/** Errors: CONFIG_INVALID where it may not be clipped and is longer than `maxNorm`. */
export function checkExact({ update, isExact }: TrainedUpdate, maxNorm: number): void {
  const norm = isExact ? l2Norm(update) : 0;
  if (norm <= maxNorm) return;
  throw new TributaryError(
    'CONFIG_INVALID',
    `The statistics of the data have the norm ${norm}, and the federation allows ${maxNorm}: a vote must raise clipNorm until they are computed.`,
    { args: { norm, maxNorm } },
  );
}

/** Clipped to `maxNorm` and rounded stochastically. Errors: ENCODING_NOT_FINITE. */
export function encodeLocalUpdate(update: Float32Array, maxNorm: number, author: UpdateAuthor): LocalUpdate {
  const rounding = createRandom(author.seed, 'rounding', author.account, author.round);
  const { values, saturated } = encodeUpdate(clipToNorm(update, maxNorm).update, rounding);
  const bytes = updateToBytes(values);
  return { values, bytes, root: sumTreeRoot(buildUpdateTree(values, bytes)), saturated };
}
