/**
 * Columns make a chunk of the aggregate refutable at constant cost, whatever the number of updates. The column of a
 * chunk lists, group of 16 updates by group, the hashes of the updates' own chunks and the state of the aggregation
 * after them. A wrong column has one group whose state does not follow from the state before and the group's 16 chunks.
 *
 * State of the mean:          64 × uint64  running Σ weight × (value + bias)
 * State of the cut rules:     64 × int16 low, 64 × int16 high   the cut values, the same in every group
 *                             64 × uint32  running Σ (clamp(value) + bias)
 *                             64 × 4 uint16  how many values were: < low, ≤ low, > high, ≥ high
 *
 * All big-endian. A column's leaf is keccak256(6 ‖ keccak256(leaf hashes of the group) ‖ state); a tree over the groups
 * gives the column's root, and a tree over the columns the columns root.
 */
import type { Hash } from './hash.ts';
import type { Fold } from './kernels/interface.ts';
import { kernels } from './kernels/kernels.ts';
import { foldWithCuts } from './kernels/plain.ts';
import { buildMerkleTree, domain, hashLeaves, type MerkleTree, merkleRoot } from './merkle.ts';
import { chunkCoordinates, groupSize } from './numbers.ts';
import { type Rule, trimCount, type WeightedUpdate } from './rules/rule.ts';
import type { Cuts } from './rules/trimmedMean.ts';

/** An update whose bytes were checked against its commitment. */
export interface VerifiedUpdate extends WeightedUpdate {
  trainer: string;
  /** The values as they are served and hashed; see `updateToBytes`. */
  bytes: Uint8Array;
  updateRoot: Hash;
  /** Hashes of the update's chunks, [chunks × 32]. */
  leafHashes: Uint8Array;
}

/** What happens in one chunk, group by group, as it is committed to. */
export interface ColumnGroups {
  /** State after each group. */
  states: Uint8Array[];
  /** keccak256 of the group's leaf hashes. */
  groupHashes: Hash[];
  tree: MerkleTree;
}

export interface Column extends ColumnGroups {
  /** What `roundedStep` takes for each of the 64 coordinates. */
  biasedSums: Float64Array;
  divisor: number;
}

/** The column of one chunk, as a proof shows it. `updates` are sorted by trainer. */
export function buildColumn(rule: Rule, updates: readonly VerifiedUpdate[], chunk: number): Column {
  const { states, biasedSums } = foldChunks(rule, updates, chunk, 1, true);
  return { ...groupsOf(updates, chunk, states), biasedSums, divisor: foldDivisor(rule, updates) };
}

/** The column that follows from given cut values of the chunk, whether or not they have the right rank. */
export function buildColumnWithCuts(updates: readonly VerifiedUpdate[], chunk: number, cuts: Cuts): ColumnGroups {
  return groupsOf(updates, chunk, foldWithCuts(rowsOf(updates, chunk, 1), cuts, 1, true).states);
}

function groupsOf(updates: readonly VerifiedUpdate[], chunk: number, states: Uint8Array): ColumnGroups {
  const groups = Math.ceil(updates.length / groupSize);
  const groupHashes = hashGroups(updates, chunk, 1);
  return {
    states: split(states, states.length / groups),
    groupHashes: split(groupHashes, 32),
    tree: buildMerkleTree(hashColumnLeaves(groupHashes, states, groups, 1)),
  };
}

/** The roots of `count` columns, [count × 32], and the biased sums of their coordinates, [count × 64]. */
export function foldColumns(
  rule: Rule,
  updates: readonly VerifiedUpdate[],
  first: number,
  count: number,
): { roots: Uint8Array; biasedSums: Float64Array } {
  const { states, biasedSums } = foldChunks(rule, updates, first, count, true);
  const groups = Math.ceil(updates.length / groupSize);
  const leaves = hashColumnLeaves(hashGroups(updates, first, count), states, groups, count);
  if (groups === 1) return { roots: leaves, biasedSums };
  const roots = new Uint8Array(count * 32);
  split(leaves, groups * 32).forEach((column, index) => {
    roots.set(merkleRoot(buildMerkleTree(column)), index * 32);
  });
  return { roots, biasedSums };
}

/** What every biased sum is divided by: the weights of the mean, the number of values that the cut rules keep. */
export function foldDivisor(rule: Rule, updates: readonly WeightedUpdate[]): number {
  if (rule.name === 'mean') return updates.reduce((sum, { weight }) => sum + weight, 0);
  return updates.length - 2 * trimCount(rule, updates.length);
}

/** Folds the chunks from `first` on, with zeros behind the last coordinate. */
export function foldChunks(
  rule: Rule,
  updates: readonly WeightedUpdate[],
  first: number,
  count: number,
  withStates: boolean,
): Fold {
  const rows = rowsOf(updates, first, count);
  if (rule.name !== 'mean') return kernels.foldCuts(rows, trimCount(rule, updates.length), count, withStates);
  const weights = Uint16Array.from(updates, ({ weight }) => weight);
  return kernels.foldMean(rows, weights, count, withStates);
}

function rowsOf(updates: readonly WeightedUpdate[], first: number, count: number): Int16Array[] {
  const [start, end] = [first * chunkCoordinates, (first + count) * chunkCoordinates];
  return updates.map(({ values }) => values.subarray(start, end));
}

/** Hashes of the groups' leaf hashes, chunk by chunk within each group: [groups × count × 32]. */
function hashGroups(updates: readonly VerifiedUpdate[], first: number, count: number): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(updates.length / groupSize) * count * 32);
  for (let start = 0; start < updates.length; start += groupSize) {
    const group = updates.slice(start, start + groupSize);
    const messages = new Uint8Array(count * group.length * 32);
    group.forEach(({ leafHashes }, index) => {
      for (let i = 0; i < count; i++) {
        const leaf = (first + i) * 32;
        messages.set(leafHashes.subarray(leaf, leaf + 32), (i * group.length + index) * 32);
      }
    });
    hashes.set(kernels.keccakBatch(messages, group.length * 32), (start / groupSize) * count * 32);
  }
  return hashes;
}

/** Leaves of the columns, group by group within each chunk: [count × groups × 32]. */
function hashColumnLeaves(groupHashes: Uint8Array, states: Uint8Array, groups: number, count: number): Uint8Array {
  const stateBytes = states.length / (groups * count);
  const leafBytes = 32 + stateBytes;
  const messages = new Uint8Array(count * groups * leafBytes);
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < count; i++) {
      const source = group * count + i;
      const target = (i * groups + group) * leafBytes;
      messages.set(groupHashes.subarray(source * 32, source * 32 + 32), target);
      messages.set(states.subarray(source * stateBytes, (source + 1) * stateBytes), target + 32);
    }
  }
  return hashLeaves(domain.columnLeaf, messages, leafBytes);
}

function split(bytes: Uint8Array, partBytes: number): Uint8Array[] {
  return Array.from({ length: bytes.length / partBytes }, (_, i) => bytes.slice(i * partBytes, (i + 1) * partBytes));
}

export function columnRoot(column: Column): Hash {
  return merkleRoot(column.tree);
}
