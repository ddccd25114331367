import { expect } from 'chai';
import fc from 'fast-check';
import { concatBytes, keccak256 } from '../../client/core/hash.ts';
import {
  buildMerkleTree,
  domain,
  hashLeaves,
  hashNode,
  merkleRoot,
  proveLeaf,
  verifyProof,
} from '../../client/core/merkle.ts';
import { codeOf, fuzzRuns, fuzzTimeout } from './rounds.ts';

const empty = new Uint8Array(32);

function leavesOf(count: number): Uint8Array {
  return hashLeaves(
    domain.updateLeaf,
    Uint8Array.from({ length: count }, (_, i) => i),
    1,
  );
}

function leafOf(leaves: Uint8Array, index: number): Uint8Array {
  return index * 32 < leaves.length ? leaves.slice(index * 32, index * 32 + 32) : empty;
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return keccak256(concatBytes(Uint8Array.of(3), left, right));
}

describe('Merkle tree', () => {
  it('has its one leaf as root', () => {
    const leaves = leavesOf(1);
    expect(merkleRoot(buildMerkleTree(leaves))).to.deep.equal(leaves);
    expect(leaves).to.deep.equal(keccak256(Uint8Array.of(0, 0)));
  });

  it('is empty where there are no leaves', () => {
    expect(merkleRoot(buildMerkleTree(new Uint8Array(0)))).to.deep.equal(empty);
    expect(merkleRoot(buildMerkleTree(new Uint8Array(0), 4))).to.deep.equal(empty);
    expect(hashNode(empty, empty)).to.deep.equal(empty);
  });

  it('hashes three leaves and an empty one as written down', () => {
    const [a, b, c] = [0, 1, 2].map((i) => leafOf(leavesOf(3), i)) as [Uint8Array, Uint8Array, Uint8Array];
    expect(merkleRoot(buildMerkleTree(leavesOf(3)))).to.deep.equal(node(node(a, b), node(c, empty)));
  });

  it('keeps its depth, with empty subtrees above', () => {
    const leaves = leavesOf(1);
    const expected = node(node(node(leaves, empty), empty), empty);
    expect(merkleRoot(buildMerkleTree(leaves, 3))).to.deep.equal(expected);
  });

  it('proves every leaf of a tree, the empty ones too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 2 }), (count, extra) => {
        const leaves = leavesOf(count);
        const depth = buildMerkleTree(leaves).depth + extra;
        const tree = buildMerkleTree(leaves, depth);
        for (let index = 0; index < 2 ** depth; index++) {
          const proof = proveLeaf(tree, index);
          expect(proof).to.have.length(depth);
          expect(verifyProof(merkleRoot(tree), leafOf(leaves, index), index, proof)).to.equal(true);
        }
      }),
      fuzzRuns(15),
    );
  }).timeout(fuzzTimeout);

  it('proves nothing with another index, sibling, leaf or root', () => {
    const leaves = leavesOf(13);
    const tree = buildMerkleTree(leaves);
    const root = merkleRoot(tree);
    const bit = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.nat(12), fc.nat(15), fc.nat(3), bit, (index, other, height, place) => {
        const leaf = leafOf(leaves, index);
        const proof = proveLeaf(tree, index);
        const siblings = proof.map((sibling, i) => (i === height ? flip(sibling, place) : sibling));
        if (other !== index) expect(verifyProof(root, leaf, other, proof)).to.equal(false);
        expect(verifyProof(root, leaf, index, siblings)).to.equal(false);
        expect(verifyProof(root, flip(leaf, place), index, proof)).to.equal(false);
        expect(verifyProof(flip(root, place), leaf, index, proof)).to.equal(false);
        expect(verifyProof(root, leaf, index % 8, proof.slice(1))).to.equal(false);
      }),
      fuzzRuns(100),
    );
  }).timeout(fuzzTimeout);

  it('refuses an index that the tree does not have', () => {
    const tree = buildMerkleTree(leavesOf(5));
    const proof = proveLeaf(tree, 1);
    for (const index of [-1, 8, 9, 1.5, Number.NaN]) {
      expect(codeOf(() => proveLeaf(tree, index))).to.equal('ARGUMENT_INVALID');
      // Leaf 9 has the same last three bits as leaf 1.
      expect(codeOf(() => verifyProof(merkleRoot(tree), leafOf(leavesOf(5), 1), index, proof))).to.equal(
        'ARGUMENT_INVALID',
      );
    }
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}
