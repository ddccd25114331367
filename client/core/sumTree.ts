/**
 * Merkle sum trees: every node commits a hash and the sum of what lies below it, so that a false total is refuted by
 * showing the one node whose children do not add up to it. A parent hashes both children with their sums:
 * keccak256(1 ‖ left hash ‖ left sum ‖ right hash ‖ right sum), sums as big-endian uint64.
 */
import { validateArgument } from './errors.ts';
import { concatBytes, type Hash } from './hash.ts';
import { kernels } from './kernels/kernels.ts';
import { domain, evenNodes, hashInDomain, isEmpty, validateIndex } from './merkle.ts';
import { treeDepth } from './numbers.ts';

/** Bytes of a node inside its parent's message: hash and sum. */
const nodeBytes = 40;

/** A node of a sum tree: its hash, 32 bytes, and the sum of what lies below it, an integer up to 2^53 - 1. */
export interface SumNode {
  hash: Hash;
  sum: number;
}

/** A Merkle tree whose nodes commit to their children's sums too. */
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
    const children = tree.sums[level]!;
    const parentSums = new Float64Array(Math.ceil(children.length / 2));
    for (let i = 0; i < children.length; i++) parentSums[i >> 1]! += children[i]!;
    const messages = interleave(tree.hashes[level]!, children);
    tree.hashes.push(kernels.keccakBatch(evenNodes(messages, nodeBytes), 2 * nodeBytes, domain.sumNode));
    tree.sums.push(parentSums);
  }
  return tree;
}

/** Hash and sum in turn, as the parents hash them. */
function interleave(hashes: Uint8Array, sums: Float64Array): Uint8Array {
  const nodes = new Uint8Array(sums.length * nodeBytes);
  const view = new DataView(nodes.buffer);
  for (let i = 0; i < sums.length; i++) {
    nodes.set(hashes.subarray(i * 32, i * 32 + 32), i * nodeBytes);
    view.setUint32(i * nodeBytes + 32, Math.floor(sums[i]! / 2 ** 32));
    view.setUint32(i * nodeBytes + 36, sums[i]!);
  }
  return nodes;
}

export const emptyNode: SumNode = { hash: new Uint8Array(32), sum: 0 };

/** The node at a place; empty where there is none. */
export function sumNodeAt(tree: SumTree, level: number, index: number): SumNode {
  const sum = tree.sums[level]![index];
  return sum === undefined ? emptyNode : { hash: tree.hashes[level]!.slice(index * 32, index * 32 + 32), sum };
}

/** A parent of two empty subtrees is empty, as in a Merkle tree. */
export function hashSumNode(left: SumNode, right: SumNode): SumNode {
  const sum = left.sum + right.sum;
  if (sum === 0 && isEmpty(left.hash) && isEmpty(right.hash)) return emptyNode;
  const message = interleave(concatBytes(left.hash, right.hash), Float64Array.of(left.sum, right.sum));
  return { hash: hashInDomain(domain.sumNode, message), sum };
}

/** The hash and the sum of all leaves. */
export function sumTreeRoot(tree: SumTree): SumNode {
  return sumNodeAt(tree, tree.depth, 0);
}

/** The siblings of a node, from its level up; level 0 holds the leaves. Errors: ARGUMENT_INVALID. */
export function proveNode(tree: SumTree, level: number, index: number): SumNode[] {
  const inside = Number.isInteger(level) && level >= 0 && level <= tree.depth;
  validateArgument(inside, `A tree of depth ${tree.depth} has no level ${level}.`);
  validateIndex(index, tree.depth - level);
  const proof: SumNode[] = [];
  for (let height = level; height < tree.depth; height++) {
    proof.push(sumNodeAt(tree, height, Math.floor(index / 2 ** (height - level)) ^ 1));
  }
  return proof;
}

/** The root that a node and its siblings give. Errors: as rootFromProof. */
export function sumRootFromProof(node: SumNode, index: number, proof: readonly SumNode[]): SumNode {
  validateIndex(index, proof.length);
  let current = node;
  for (let height = 0; height < proof.length; height++) {
    const right = Math.floor(index / 2 ** height) % 2 === 1;
    current = right ? hashSumNode(proof[height]!, current) : hashSumNode(current, proof[height]!);
  }
  return current;
}
