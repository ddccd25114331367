/** Evidence of an aggregate that is known whole, as the challenge contracts take it. */
import type { Aggregate } from '../../client/core/aggregate.ts';
import { modelToBytes, updateToBytes } from '../../client/core/codec.ts';
import { buildColumn, type VerifiedUpdate } from '../../client/core/columns.ts';
import { buildModelTree, buildUpdateTree } from '../../client/core/commitment.ts';
import { concatBytes, type Hash, toHex } from '../../client/core/hash.ts';
import { buildEntriesTree, groupInputs, groupWeights } from '../../client/core/inputs.ts';
import { hashNode, merkleRoot, proveLeaf } from '../../client/core/merkle.ts';
import { chunkCoordinates, chunkCount, groupSize, treeDepth } from '../../client/core/numbers.ts';
import { proveNode, type SumNode } from '../../client/core/sumTree.ts';

const zeroHash = new Uint8Array(32);

/** A Merkle tree with empty leaves anywhere. */
export class FlatTree {
  private readonly levels: Hash[][];
  private readonly depth: number;

  constructor(leaves: ReadonlyMap<number, Hash>, depth: number) {
    this.depth = depth;
    this.levels = [Array.from({ length: 2 ** depth }, (_, index) => leaves.get(index) ?? zeroHash)];
    for (let height = 0; height < depth; height++) {
      const below = this.levels[height]!;
      this.levels.push(below.flatMap((node, i) => (i % 2 === 0 ? [hashNode(node, below[i + 1]!)] : [])));
    }
  }

  get root(): string {
    return toHex(this.levels[this.depth]![0]!);
  }

  node(height: number, index: number): string {
    return toHex(this.levels[height]![index]!);
  }

  /** Siblings from the node up. */
  path(index: number, height = 0): string[] {
    return this.levels.slice(height, this.depth).map((level, up) => toHex(level[(index >> up) ^ 1]!));
  }

  /** The nodes `span` levels below one. */
  below(height: number, index: number, span: number): string[] {
    const level = this.levels[height - span]!;
    return level.slice(index * 2 ** span, (index + 1) * 2 ** span).map(toHex);
  }
}

/** The leaves of all columns, by chunk ‖ group. */
export function columnLeaves({ rule, updates, model }: Aggregate): { leaves: Map<number, Hash>; depth: number } {
  const groupDepth = treeDepth(Math.ceil(updates.length / groupSize));
  const leaves = new Map<number, Hash>();
  for (let chunk = 0; chunk < chunkCount(model.length); chunk++) {
    const level = buildColumn(rule, updates, chunk).tree.levels[0]!;
    for (let group = 0; group < level.length / 32; group++) {
      leaves.set(chunk * 2 ** groupDepth + group, level.slice(group * 32, group * 32 + 32));
    }
  }
  return { leaves, depth: treeDepth(chunkCount(model.length)) + groupDepth };
}

export function modelLeaves(model: Int32Array): Map<number, Hash> {
  const level = buildModelTree(model).levels[0]!;
  return new Map(Array.from({ length: level.length / 32 }, (_, i) => [i, level.slice(i * 32, i * 32 + 32)]));
}

export function sumNode({ hash, sum }: SumNode) {
  return { hash: toHex(hash), sum: BigInt(sum) };
}

/** The leaf of a column, in its own tree of all columns unless another is given. */
export function columnLeaf(right: Aggregate, chunk: number, group: number, tree?: FlatTree) {
  const column = buildColumn(right.rule, right.updates, chunk);
  const { leaves, depth } = columnLeaves(right);
  return {
    chunk,
    group,
    groupHash: toHex(column.groupHashes[group]!),
    state: toHex(column.states[group]!),
    path: (tree ?? new FlatTree(leaves, depth)).path(chunk * 2 ** column.tree.depth + group),
  };
}

/** What a column's state is recomputed from. */
export function columnStep(right: Aggregate, chunk: number, group: number) {
  const column = buildColumn(right.rule, right.updates, chunk);
  const members = groupInputs(right.updates)[group]!;
  let meeting = 0;
  while (group > 0 && (group >> meeting) % 2 === 0) meeting++;
  return {
    chunks: toHex(concatBytes(...members.map((update) => chunkOf(update, chunk)))),
    weights: BigInt(toHex(groupWeights(members))),
    entriesRoot: toHex(merkleRoot(buildEntriesTree(members))),
    groupPath: proveNode(right.inputsTree.tree, 0, group).map(sumNode),
    previousGroupHash: toHex(group === 0 ? zeroHash : column.groupHashes[group - 1]!),
    previousState: group === 0 ? '0x' : toHex(column.states[group - 1]!),
    previousPath:
      group === 0
        ? []
        : proveLeaf(column.tree, group - 1)
            .slice(0, meeting)
            .map(toHex),
  };
}

export function chunkOf({ values }: VerifiedUpdate, chunk: number): Uint8Array {
  return updateToBytes(values).slice(chunk * 2 * chunkCoordinates, (chunk + 1) * 2 * chunkCoordinates);
}

/** An entry of the inputs, or an empty place behind them. */
export function inputOpening({ inputsTree }: Pick<Aggregate, 'inputsTree'>, index: number) {
  const group = Math.floor(index / groupSize);
  const members = groupInputs(inputsTree.inputs)[group]!;
  const input = inputsTree.inputs[index];
  return {
    index,
    trainer: input?.trainer ?? `0x${'00'.repeat(20)}`,
    updateRoot: toHex(input?.updateRoot ?? zeroHash),
    weights: BigInt(toHex(groupWeights(members))),
    entryPath: proveLeaf(buildEntriesTree(members), index % groupSize).map(toHex),
    groupPath: proveNode(inputsTree.tree, 0, group).map(sumNode),
  };
}

/** A chunk of the last model, and the leaf at its place in a posted one. */
export function modelChunk(base: Int32Array, chunk: number, posted: FlatTree) {
  return {
    chunk,
    baseChunk: toHex(modelToBytes(base).slice(chunk * 256, (chunk + 1) * 256)),
    basePath: proveLeaf(buildModelTree(base), chunk).map(toHex),
    leaf: posted.node(0, chunk),
    path: posted.path(chunk),
  };
}

export function updateLeaf({ values }: VerifiedUpdate, chunk: number) {
  const tree = buildUpdateTree(values);
  const hash = tree.hashes[0]!.slice(chunk * 32, chunk * 32 + 32);
  return { leaf: sumNode({ hash, sum: tree.sums[0]![chunk]! }), path: proveNode(tree, 0, chunk).map(sumNode) };
}

/** Every input with its chunk. */
export function directInputs({ updates }: Aggregate, chunk: number) {
  return updates.map((update) => ({
    trainer: update.trainer,
    updateRoot: toHex(update.updateRoot),
    weight: update.weight,
    chunk: toHex(chunkOf(update, chunk)),
    squaredNorm: updateLeaf(update, chunk).leaf.sum,
    path: updateLeaf(update, chunk).path,
  }));
}
