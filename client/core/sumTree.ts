/**
 * Merkle sum trees: every node commits a hash and the sum of what lies below it, so that a false total is refuted by
 * showing the one node whose children do not add up to it. A parent hashes both children with their sums:
 * keccak256(1 ‖ left hash ‖ left sum ‖ right hash ‖ right sum), sums as big-endian uint64.
 */
import { validateArgument } from './errors.ts';
import { type Hash, keccak256 } from './hash.ts';
import { domain } from './merkle.ts';
import { treeDepth } from './numbers.ts';

export interface SumNode {
  hash: Hash;
  sum: number;
}

export interface SumTree {
  depth: number;
  /** Hashes of each level that are not empty, 32 bytes each; level 0 holds the leaves. */
  hashes: readonly Uint8Array[];
  /** The sums beside them. */
  sums: readonly Float64Array[];
}

/** `hashes` is [count × 32], `sums` [count]. */
export function buildSumTree(hashes: Uint8Array, sums: Float64Array, depth = treeDepth(sums.length)): SumTree {
  const tree = { depth, hashes: [hashes], sums: [sums] };
  for (let level = 0; level < depth; level++) {
    const count = tree.sums[level]!.length;
    const parents = Math.ceil(count / 2);
    const parentHashes = new Uint8Array(parents * 32);
    const parentSums = new Float64Array(parents);
    const message = new Uint8Array(81);
    for (let i = 0; i < parents; i++) {
      const left = nodeAt(tree, level, 2 * i);
      const right = nodeAt(tree, level, 2 * i + 1);
      writeChildren(message, left, right);
      parentHashes.set(keccak256(message), i * 32);
      parentSums[i] = left.sum + right.sum;
    }
    tree.hashes.push(parentHashes);
    tree.sums.push(parentSums);
  }
  return tree;
}

const emptyNode: SumNode = { hash: new Uint8Array(32), sum: 0 };

function nodeAt(tree: SumTree, level: number, index: number): SumNode {
  const sum = tree.sums[level]![index];
  return sum === undefined ? emptyNode : { hash: tree.hashes[level]!.subarray(index * 32, index * 32 + 32), sum };
}

function writeChildren(message: Uint8Array, left: SumNode, right: SumNode): void {
  message[0] = domain.sumNode;
  message.set(left.hash, 1);
  writeSum(message, 33, left.sum);
  message.set(right.hash, 41);
  writeSum(message, 73, right.sum);
}

function writeSum(message: Uint8Array, offset: number, sum: number): void {
  const high = Math.floor(sum / 2 ** 32);
  const low = sum >>> 0;
  for (let i = 0; i < 4; i++) {
    message[offset + i] = high >>> (24 - 8 * i);
    message[offset + 4 + i] = low >>> (24 - 8 * i);
  }
}

export function sumTreeRoot(tree: SumTree): SumNode {
  const root = nodeAt(tree, tree.depth, 0);
  return { hash: root.hash.slice(), sum: root.sum };
}

/** The siblings of a node, from its level up. */
export function proveNode(tree: SumTree, level: number, index: number): SumNode[] {
  validateArgument(
    level >= 0 && index >= 0 && index < 2 ** (tree.depth - level),
    `Node ${index} of level ${level} is not in a tree of depth ${tree.depth}.`,
  );
  const proof: SumNode[] = [];
  for (let height = level; height < tree.depth; height++) {
    proof.push(nodeAt(tree, height, Math.floor(index / 2 ** (height - level)) ^ 1));
  }
  return proof;
}

/** The root hash that a node and its siblings give. */
export function sumRootFromProof(node: SumNode, index: number, proof: readonly SumNode[]): SumNode {
  const message = new Uint8Array(81);
  let current = node;
  for (let height = 0; height < proof.length; height++) {
    const right = Math.floor(index / 2 ** height) % 2 === 1;
    if (right) writeChildren(message, proof[height]!, current);
    else writeChildren(message, current, proof[height]!);
    current = { hash: keccak256(message), sum: current.sum + proof[height]!.sum };
  }
  return current;
}
