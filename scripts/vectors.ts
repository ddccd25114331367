/** What a vector file holds: inputs, and everything that follows from them, as hexadecimal and whole numbers. */
import { aggregate } from '../client/core/aggregate.ts';
import { modelFromBytes, modelToBytes, updateFromBytes, updateToBytes } from '../client/core/codec.ts';
import { buildColumn, columnRoot } from '../client/core/columns.ts';
import { buildUpdateTree, commitUpdate } from '../client/core/commitment.ts';
import { fromHex, type Hash, toHex } from '../client/core/hash.ts';
import { chunkCount } from '../client/core/numbers.ts';
import { parseRule } from '../client/core/rules/parseRule.ts';
import { trimCount } from '../client/core/rules/rule.ts';
import { proveNode, sumTreeRoot } from '../client/core/sumTree.ts';
import { prepareUpdate } from '../client/core/verify.ts';

export interface UpdateInputs {
  chainId: number;
  federation: string;
  round: number;
  trainer: string;
  dimension: number;
  /** The chunks, as pinned. */
  update: string;
}

/** An update, its sum tree, a proof for each chunk, and the commitment. */
export function describeUpdate(inputs: UpdateInputs) {
  const tree = buildUpdateTree(updateFromBytes(fromHex(inputs.update), inputs.dimension));
  const root = sumTreeRoot(tree);
  const context = { ...inputs, chainId: BigInt(inputs.chainId) };
  const proofs = [...tree.sums[0]!.keys()].map((chunk) => proveNode(tree, 0, chunk));
  return {
    ...inputs,
    leafHashes: splitHashes(tree.hashes[0]!),
    leafSums: [...tree.sums[0]!],
    updateRoot: toHex(root.hash),
    squaredNorm: root.sum,
    commitment: toHex(commitUpdate(context, root.hash)),
    proofHashes: proofs.map((proof) => proof.map(({ hash }) => toHex(hash))),
    proofSums: proofs.map((proof) => proof.map(({ sum }) => sum)),
  };
}

export interface RoundInputs {
  rule: string;
  dimension: number;
  /** The chunks of the last model. */
  model: string;
  /** Ascending. */
  trainers: string[];
  weights: number[];
  /** The chunks of each trainer's update. */
  updates: string[];
}

/** A round, every root of its proposal, and every column. */
export function describeRound(inputs: RoundInputs) {
  const { dimension, trainers, weights } = inputs;
  const rule = parseRule(inputs.rule);
  const updates = trainers.map((trainer, i) =>
    prepareUpdate(trainer, weights[i]!, updateFromBytes(fromHex(inputs.updates[i]!), dimension)),
  );
  const { model, commitment } = aggregate(rule, modelFromBytes(fromHex(inputs.model), dimension), updates);
  const columns = Array.from({ length: chunkCount(dimension) }, (_, chunk) => buildColumn(rule, updates, chunk));
  return {
    ...inputs,
    trim: trimCount(rule, updates.length),
    divisor: columns[0]!.divisor,
    updateRoots: updates.map(({ updateRoot }) => toHex(updateRoot)),
    nextModel: toHex(modelToBytes(model)),
    modelRoot: toHex(commitment.modelRoot),
    inputsRoot: toHex(commitment.inputsRoot),
    columnsRoot: toHex(commitment.columnsRoot),
    inputCount: commitment.inputCount,
    totalWeight: commitment.totalWeight,
    columns: columns.map((column) => ({
      root: toHex(columnRoot(column)),
      groupHashes: column.groupHashes.map(toHex),
      states: column.states.map(toHex),
    })),
  };
}

/** Numbers to the chunks that hold them. */
export function updateHex(values: readonly number[]): string {
  return toHex(updateToBytes(Int16Array.from(values)));
}

export function modelHex(values: readonly number[]): string {
  return toHex(modelToBytes(Int32Array.from(values)));
}

function splitHashes(bytes: Uint8Array): string[] {
  const hashes: Hash[] = [];
  for (let start = 0; start < bytes.length; start += 32) hashes.push(bytes.subarray(start, start + 32));
  return hashes.map(toHex);
}
