/** A wrong chunk of the posted model, proven from its column, or from all updates of a small round. */
import type { Aggregate } from '../aggregate.ts';
import { modelToBytes, squaredNorm, updateToBytes } from '../codec.ts';
import { buildColumn } from '../columns.ts';
import { buildModelTree, buildUpdateTree } from '../commitment.ts';
import { equalBytes, toHex } from '../hash.ts';
import { proveLeaf } from '../merkle.ts';
import { chunkCoordinates, chunkCount } from '../numbers.ts';
import { proveNode } from '../sumTree.ts';
import type { Challenge, PostedProposal } from './challenge.ts';
import { columnLeafArgument, refuteAggregate } from './columns.ts';
import { hexHashes, sumNodeArgument } from './evidence.ts';
import { columnsTreeView, postedTreeOf, type WrongLeaf } from './trees.ts';

/** Bytes of the cut values at the front of a state. */
const cutsBytes = 4 * chunkCoordinates;

/** Room in a transaction of 128 KiB for inputs: the rest is the proposal, the model's chunk and its paths. */
const directBytes = 120 * 1024;
/** What an input takes, without its path: its fields, 128 bytes of values, and the offsets and lengths of the ABI. */
const directInputBytes = 416;
const sumNodeBytes = 64;

/** How many inputs can be shown in one transaction, by the depth of an update's tree. */
export function directInputs(depth: number): number {
  return Math.floor(directBytes / (directInputBytes + depth * sumNodeBytes));
}

/**
 * Proof that a posted leaf of the model is wrong. `base` is the last model. Undefined where the posted columns are wrong too and the
 * round is too large to show all its updates: then the columns must be refuted.
 */
export function challengeModel(
  posted: PostedProposal,
  right: Aggregate,
  base: Int32Array,
  wrong: WrongLeaf,
): Challenge | undefined {
  const { index, hash, path } = wrong;
  if (index >= chunkCount(base.length)) {
    const fault = `the proposal's model has a chunk ${index} behind the last one`;
    return refuteAggregate('refuteModelShape', [index, toHex(hash), hexHashes(path)], fault);
  }
  const fault = `chunk ${index} of the proposal's model does not follow from the updates`;
  const model = modelChunkArgument(base, wrong);
  if (equalBytes(posted.columnsRoot, right.commitment.columnsRoot)) {
    return refuteAggregate('refuteModelChunk', [model, lastColumnLeaf(right, index)], fault);
  }
  if (!fitsDirectly(right)) return undefined;
  return refuteAggregate('refuteModelDirectly', [model, ...directArguments(right, index)], fault);
}

/** True where a wrong model can be proven whatever the columns say. */
export function fitsDirectly({ updates, modelTree }: Aggregate): boolean {
  return updates.length <= directInputs(modelTree.depth);
}

function modelChunkArgument(base: Int32Array, { index, hash, path }: WrongLeaf) {
  const start = index * chunkCoordinates;
  return {
    chunk: index,
    baseChunk: toHex(modelToBytes(base.subarray(start, start + chunkCoordinates))),
    basePath: hexHashes(proveLeaf(buildModelTree(base), index)),
    leaf: toHex(hash),
    path: hexHashes(path),
  };
}

function lastColumnLeaf(right: Aggregate, chunk: number) {
  const { states, groupHashes } = buildColumn(right.rule, right.updates, chunk);
  const group = states.length - 1;
  const columns = postedTreeOf(columnsTreeView(right));
  const index = chunk * 2 ** (columns.depth - right.columnsTree.depth) + group;
  return columnLeafArgument({
    chunk,
    group,
    groupHash: groupHashes[group]!,
    state: states[group]!,
    path: columns.path(0, index),
  });
}

/** All inputs with their chunk, and the cut values of the chunk. */
function directArguments({ rule, updates }: Aggregate, chunk: number): [inputs: unknown[], cuts: string] {
  const start = chunk * chunkCoordinates;
  const inputs = updates.map(({ trainer, updateRoot, weight, values }) => {
    const chunkValues = values.subarray(start, start + chunkCoordinates);
    return {
      trainer,
      updateRoot: toHex(updateRoot),
      weight,
      chunk: toHex(updateToBytes(chunkValues)),
      squaredNorm: squaredNorm(chunkValues),
      path: proveNode(buildUpdateTree(values), 0, chunk).map(sumNodeArgument),
    };
  });
  const cuts = rule.name === 'mean' ? '0x' : toHex(buildColumn(rule, updates, chunk).states[0]!.subarray(0, cutsBytes));
  return [inputs, cuts];
}
