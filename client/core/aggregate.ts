/** The next model of a round, and what a proposal commits to. Bit-identical on every node and in every order of inputs. */

import { foldChunks, foldColumns, foldDivisor, type VerifiedUpdate } from './columns.ts';
import { buildModelTree } from './commitment.ts';
import { validateArgument } from './errors.ts';
import { equalBytes, type Hash } from './hash.ts';
import { buildInputsTree, type InputsTree, sortInputs } from './inputs.ts';
import { kernels } from './kernels/kernels.ts';
import { buildMerkleTree, type MerkleTree, merkleRoot } from './merkle.ts';
import { chunkCoordinates, chunkCount } from './numbers.ts';
import type { Rule, WeightedUpdate } from './rules/rule.ts';
import { sumTreeRoot } from './sumTree.ts';

/** The roots that a proposal posts. */
export interface AggregateCommitment {
  modelRoot: Hash;
  inputsRoot: Hash;
  columnsRoot: Hash;
  inputCount: number;
  totalWeight: number;
}

/** What follows from the updates of a round: the next model, and every tree that a proposal commits to. */
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

/** Errors: ARGUMENT_INVALID for another dimension, and as sortInputs. */
export function aggregate(rule: Rule, model: Int32Array, unsorted: readonly VerifiedUpdate[]): Aggregate {
  const updates = sortInputs(unsorted);
  validateDimension(model, updates);
  const inputsTree = buildInputsTree(updates);
  const divisor = foldDivisor(rule, updates);
  const next = model.slice();
  const columnRoots = new Uint8Array(chunkCount(model.length) * 32);
  forEachBlock(model, updates, (first, count) => {
    const { roots, biasedSums } = foldColumns(rule, updates, first, count);
    columnRoots.set(roots, first * 32);
    kernels.stepModelInPlace(coordinatesOf(next, first, count), biasedSums, divisor);
  });
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

/** The model that `aggregate` gives, without the commitments: for scoring and simulation. Errors: as `aggregate`. */
export function aggregateModel(
  rule: Rule,
  model: Int32Array,
  unsorted: readonly (WeightedUpdate & { trainer: string })[],
): Int32Array {
  const updates = sortInputs(unsorted);
  validateDimension(model, updates);
  const divisor = foldDivisor(rule, updates);
  const next = model.slice();
  forEachBlock(model, updates, (first, count) => {
    const { biasedSums } = foldChunks(rule, updates, first, count, false);
    kernels.stepModelInPlace(coordinatesOf(next, first, count), biasedSums, divisor);
  });
  return next;
}

function validateDimension(model: Int32Array, updates: readonly (WeightedUpdate & { trainer: string })[]): void {
  for (const { trainer, values } of updates) {
    validateArgument(
      values.length === model.length,
      `The update of ${trainer} has ${values.length} coordinates, but the model has ${model.length}.`,
    );
  }
}

/** Chunks in blocks whose inputs stay in the processor's cache. */
function forEachBlock(model: Int32Array, updates: readonly unknown[], fold: (first: number, count: number) => void) {
  const chunks = chunkCount(model.length);
  const block = Math.max(1, Math.min(maxBlockChunks, Math.floor(blockInputs / updates.length)));
  for (let first = 0; first < chunks; first += block) fold(first, Math.min(block, chunks - first));
}

const maxBlockChunks = 128;
/** Chunks of updates in a block. */
const blockInputs = 2048;

/** A view of the coordinates of `count` chunks. */
function coordinatesOf(model: Int32Array, first: number, count: number): Int32Array {
  return model.subarray(first * chunkCoordinates, (first + count) * chunkCoordinates);
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
