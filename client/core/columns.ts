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
import { type Hash, keccak256 } from './hash.ts';
import { groupSize } from './inputs.ts';
import { buildMerkleTree, domain, hashInDomain, type MerkleTree, merkleRoot } from './merkle.ts';
import { chunkCoordinates, treeDepth, updateBias } from './numbers.ts';
import { type Rule, trimCount, type WeightedUpdate } from './rules/rule.ts';
import { clamp, findCuts } from './rules/trimmedMean.ts';

/** An update whose bytes were checked against its commitment. */
export interface VerifiedUpdate extends WeightedUpdate {
  trainer: string;
  updateRoot: Hash;
  /** Hashes of the update's chunks, [chunks × 32]. */
  leafHashes: Uint8Array;
}

/** What happens in one chunk, group by group. */
export interface Column {
  /** State after each group. */
  states: Uint8Array[];
  /** keccak256 of the group's leaf hashes. */
  groupHashes: Hash[];
  tree: MerkleTree;
  /** What `roundedStep` takes for each of the 64 coordinates. */
  biasedSums: Float64Array;
  divisor: number;
}

/** `updates` are sorted by trainer. */
export function buildColumn(rule: Rule, updates: readonly VerifiedUpdate[], chunk: number): Column {
  const slices = updates.map(({ values }) => chunkOf(values, chunk));
  const trim = trimCount(rule, updates.length);
  const fold = rule.name === 'mean' ? foldMean(updates) : foldCuts(slices, trim);
  const states: Uint8Array[] = [];
  const groupHashes: Hash[] = [];
  const groups = Math.ceil(updates.length / groupSize);
  const leaves = new Uint8Array(groups * 32);
  for (let group = 0; group < groups; group++) {
    const end = Math.min((group + 1) * groupSize, updates.length);
    const hashes = new Uint8Array((end - group * groupSize) * 32);
    for (let j = group * groupSize; j < end; j++) {
      hashes.set(updates[j]!.leafHashes.subarray(chunk * 32, chunk * 32 + 32), (j - group * groupSize) * 32);
      fold.add(slices[j]!, j);
    }
    const state = fold.state();
    const groupHash = keccak256(hashes);
    states.push(state);
    groupHashes.push(groupHash);
    leaves.set(hashInDomain(domain.columnLeaf, groupHash, state), group * 32);
  }
  return { states, groupHashes, tree: buildMerkleTree(leaves, treeDepth(groups)), ...fold.result() };
}

/** The 64 values of a chunk, zeros behind the last coordinate. */
export function chunkOf(values: Int16Array, chunk: number): Int16Array {
  const slice = values.subarray(chunk * chunkCoordinates, (chunk + 1) * chunkCoordinates);
  if (slice.length === chunkCoordinates) return slice;
  const filled = new Int16Array(chunkCoordinates);
  filled.set(slice);
  return filled;
}

export function columnRoot(column: Column): Hash {
  return merkleRoot(column.tree);
}

interface Fold {
  add(values: Int16Array, index: number): void;
  state(): Uint8Array;
  result(): Pick<Column, 'biasedSums' | 'divisor'>;
}

function foldMean(updates: readonly WeightedUpdate[]): Fold {
  const sums = new Float64Array(chunkCoordinates);
  let divisor = 0;
  return {
    add(values, index) {
      const { weight } = updates[index]!;
      divisor += weight;
      for (let i = 0; i < chunkCoordinates; i++) sums[i]! += weight * (values[i]! + updateBias);
    },
    state() {
      const state = new Uint8Array(8 * chunkCoordinates);
      for (let i = 0; i < chunkCoordinates; i++) {
        writeUint32(state, 8 * i, Math.floor(sums[i]! / 2 ** 32));
        writeUint32(state, 8 * i + 4, sums[i]! >>> 0);
      }
      return state;
    },
    result: () => ({ biasedSums: sums, divisor }),
  };
}

const sumsOffset = 4 * chunkCoordinates;
const countsOffset = 8 * chunkCoordinates;

function foldCuts(slices: readonly Int16Array[], trim: number): Fold {
  const { low, high } = findCuts(slices, trim, chunkCoordinates);
  const sums = new Float64Array(chunkCoordinates);
  const counts = new Uint16Array(4 * chunkCoordinates);
  return {
    add(values) {
      for (let i = 0; i < chunkCoordinates; i++) {
        const value = values[i]!;
        sums[i]! += clamp(value, low[i]!, high[i]!) + updateBias;
        if (value < low[i]!) counts[4 * i]!++;
        if (value <= low[i]!) counts[4 * i + 1]!++;
        if (value > high[i]!) counts[4 * i + 2]!++;
        if (value >= high[i]!) counts[4 * i + 3]!++;
      }
    },
    state() {
      const state = new Uint8Array(16 * chunkCoordinates);
      for (let i = 0; i < chunkCoordinates; i++) {
        writeUint16(state, 2 * i, low[i]!);
        writeUint16(state, 2 * chunkCoordinates + 2 * i, high[i]!);
        writeUint32(state, sumsOffset + 4 * i, sums[i]!);
      }
      for (let i = 0; i < counts.length; i++) writeUint16(state, countsOffset + 2 * i, counts[i]!);
      return state;
    },
    result() {
      const kept = sums.map((sum, i) => sum - trim * (low[i]! + high[i]! + 2 * updateBias));
      return { biasedSums: kept, divisor: slices.length - 2 * trim };
    },
  };
}

function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >> 8;
  bytes[offset + 1] = value;
}

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}
