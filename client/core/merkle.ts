/**
 * Merkle trees of fixed depth: leaf i of a tree of depth k is reached by the k bits of i, and subtrees without leaves
 * hash to zero at every level, so that a tree needs no filling. Domains keep one kind of hash from passing for another.
 */
import { validateArgument } from './errors.ts';
import { equalBytes, type Hash, keccak256 } from './hash.ts';
import { kernels } from './kernels/kernels.ts';
import { treeDepth } from './numbers.ts';

/** First byte of every hashed message. */
export const domain = {
  updateLeaf: 0,
  sumNode: 1,
  modelLeaf: 2,
  node: 3,
  inputsLeaf: 4,
  inputsEntry: 5,
  columnLeaf: 6,
  scoresLeaf: 7,
  scores: 8,
  balanceLeaf: 9,
} as const;

export type Domain = (typeof domain)[keyof typeof domain];

/** keccak256 of the domain byte and the parts. */
export function hashInDomain(prefix: Domain, ...parts: Uint8Array[]): Hash {
  const message = new Uint8Array(1 + parts.reduce((length, part) => length + part.length, 0));
  message[0] = prefix;
  let offset = 1;
  for (const part of parts) {
    message.set(part, offset);
    offset += part.length;
  }
  return keccak256(message);
}

/** The hashes of consecutive leaves of `leafBytes` each: [count × 32]. */
export function hashLeaves(prefix: Domain, bytes: Uint8Array, leafBytes: number): Uint8Array {
  return kernels.keccakBatch(bytes, leafBytes, prefix);
}

/** A Merkle tree of keccak-256, filled up with empty subtrees, which are 32 zero bytes at every level. */
export interface MerkleTree {
  depth: number;
  /** levels[0] holds the leaves, each level the hashes that are not empty, 32 bytes each. */
  levels: readonly Uint8Array[];
}

/** `leaves` is [count × 32]; the depth follows from the count unless given. */
export function buildMerkleTree(leaves: Uint8Array, depth = treeDepth(leaves.length / 32)): MerkleTree {
  const levels = [leaves];
  for (let level = 0; level < depth; level++) levels.push(hashPairs(levels[level]!));
  return { depth, levels };
}

function hashPairs(nodes: Uint8Array): Uint8Array {
  const pairs = evenNodes(nodes, 32);
  const hashes = kernels.keccakBatch(pairs, 64, domain.node);
  for (let at = 0; at < pairs.length; at += 64) {
    // leaves may be empty between others too
    if (pairs[at] === 0 && isEmpty(pairs.subarray(at, at + 64))) hashes.fill(0, at / 2, at / 2 + 32);
  }
  return hashes;
}

/** With an empty node behind an odd number of them, so that each has a sibling. */
export function evenNodes(nodes: Uint8Array, nodeBytes: number): Uint8Array {
  if ((nodes.length / nodeBytes) % 2 === 0) return nodes;
  const even = new Uint8Array(nodes.length + nodeBytes);
  even.set(nodes);
  return even;
}

/** 32 bytes; all zero for a tree without leaves. */
export function merkleRoot(tree: MerkleTree): Hash {
  const top = tree.levels[tree.depth]!;
  return top.length === 0 ? new Uint8Array(32) : top.slice(0, 32);
}

/** Errors: ARGUMENT_INVALID unless a tree of this depth has a leaf `index`. */
export function validateIndex(index: number, depth: number): void {
  const inside = Number.isInteger(index) && index >= 0 && index < 2 ** depth;
  validateArgument(inside, `Leaf ${index} is not in a tree of depth ${depth}.`);
}

/** The siblings from the leaf up, one a level. Errors: ARGUMENT_INVALID. */
export function proveLeaf(tree: MerkleTree, index: number): Hash[] {
  validateIndex(index, tree.depth);
  return tree.levels.slice(0, tree.depth).map((level, height) => {
    const sibling = (Math.floor(index / 2 ** height) ^ 1) * 32;
    return sibling < level.length ? level.slice(sibling, sibling + 32) : new Uint8Array(32);
  });
}

/** The root that a leaf and its siblings give. Errors: ARGUMENT_INVALID for an index beyond 2^(number of siblings). */
export function rootFromProof(leaf: Hash, index: number, proof: readonly Hash[]): Hash {
  validateIndex(index, proof.length);
  let node = leaf;
  for (let height = 0; height < proof.length; height++) {
    const right = Math.floor(index / 2 ** height) % 2 === 1;
    node = right ? hashNode(proof[height]!, node) : hashNode(node, proof[height]!);
  }
  return node;
}

/** A parent of two empty subtrees is empty. */
export function hashNode(left: Hash, right: Hash): Hash {
  return isEmpty(left) && isEmpty(right) ? new Uint8Array(32) : hashInDomain(domain.node, left, right);
}

/** The hash of a subtree without leaves. */
export function isEmpty(hash: Hash): boolean {
  return hash.every((byte) => byte === 0);
}

/** Errors: as rootFromProof. The caller knows the depth, and so how long a proof must be. */
export function verifyProof(root: Hash, leaf: Hash, index: number, proof: readonly Hash[]): boolean {
  return equalBytes(root, rootFromProof(leaf, index, proof));
}
