/** The next model of a round, and what a proposal commits to. Bit-identical on every node and in every order of inputs. */

import { buildColumn, columnRoot, type VerifiedUpdate } from './columns.ts';
import { buildModelTree } from './commitment.ts';
import { validateArgument } from './errors.ts';
import { equalBytes, type Hash } from './hash.ts';
import { buildInputsTree, type InputsTree, sortInputs } from './inputs.ts';
import { buildMerkleTree, type MerkleTree, merkleRoot } from './merkle.ts';
import { chunkCoordinates, chunkCount, roundedStep, saturateInt32 } from './numbers.ts';
import type { Rule } from './rules/rule.ts';
import { sumTreeRoot } from './sumTree.ts';

/** The roots that a proposal posts. */
export interface AggregateCommitment {
  modelRoot: Hash;
  inputsRoot: Hash;
  columnsRoot: Hash;
  inputCount: number;
  totalWeight: number;
}

export interface Aggregate {
  rule: Rule;
  /** The next model, [d]. */
  model: Int32Array;
  modelTree: MerkleTree;
  /** The tree over the columns' roots. */
  columnsTree: MerkleTree;
  inputsTree: InputsTree;
  /** The updates, sorted by trainer. */
  updates: readonly VerifiedUpdate[];
  commitment: AggregateCommitment;
}

/** Errors: ARGUMENT_INVALID for no updates, a trainer twice, another dimension, a weight out of range. */
export function aggregate(rule: Rule, model: Int32Array, unsorted: readonly VerifiedUpdate[]): Aggregate {
  const updates = sortInputs(unsorted);
  for (const { trainer, values } of updates) {
    validateArgument(
      values.length === model.length,
      `The update of ${trainer} has ${values.length} coordinates, but the model has ${model.length}.`,
    );
  }
  const inputsTree = buildInputsTree(updates);
  const chunks = chunkCount(model.length);
  const next = new Int32Array(model.length);
  const columnRoots = new Uint8Array(chunks * 32);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const column = buildColumn(rule, updates, chunk);
    columnRoots.set(columnRoot(column), chunk * 32);
    const end = Math.min(model.length, (chunk + 1) * chunkCoordinates);
    for (let i = chunk * chunkCoordinates; i < end; i++) {
      const step = roundedStep(column.biasedSums[i % chunkCoordinates]!, column.divisor);
      next[i] = saturateInt32(model[i]! + step);
    }
  }
  const modelTree = buildModelTree(next);
  const columnsTree = buildMerkleTree(columnRoots);
  const inputsRoot = sumTreeRoot(inputsTree.tree);
  return {
    rule,
    model: next,
    modelTree,
    columnsTree,
    inputsTree,
    updates,
    commitment: {
      modelRoot: merkleRoot(modelTree),
      inputsRoot: inputsRoot.hash,
      columnsRoot: merkleRoot(columnsTree),
      inputCount: updates.length,
      totalWeight: inputsRoot.sum,
    },
  };
}

/** True when two aggregators committed to the same result. */
export function equalCommitments(a: AggregateCommitment, b: AggregateCommitment): boolean {
  return (
    equalBytes(a.modelRoot, b.modelRoot) &&
    equalBytes(a.inputsRoot, b.inputsRoot) &&
    equalBytes(a.columnsRoot, b.columnsRoot) &&
    a.inputCount === b.inputCount &&
    a.totalWeight === b.totalWeight
  );
}
