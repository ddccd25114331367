import { expect } from 'chai';
import fc from 'fast-check';
import { concatBytes, fromHex, keccak256 } from '../../client/core/hash.ts';
import { domain, hashLeaves } from '../../client/core/merkle.ts';
import { buildSumTree, proveNode, type SumNode, sumRootFromProof, sumTreeRoot } from '../../client/core/sumTree.ts';
import { codeOf, fuzzRuns, fuzzTimeout } from './rounds.ts';

const empty: SumNode = { hash: new Uint8Array(32), sum: 0 };

function nodesOf(sums: readonly number[]): SumNode[] {
  return sums.map((sum, i) => ({ hash: hashLeaves(domain.updateLeaf, Uint8Array.of(i), 1), sum }));
}

function treeOf(nodes: readonly SumNode[], depth?: number) {
  return buildSumTree(
    concatBytes(...nodes.map(({ hash }) => hash)),
    Float64Array.from(nodes, ({ sum }) => sum),
    depth,
  );
}

function parent(left: SumNode, right: SumNode): SumNode {
  const sums = [left, right].map(({ sum }) => fromHex(sum.toString(16).padStart(16, '0')));
  const message = concatBytes(Uint8Array.of(1), left.hash, sums[0]!, right.hash, sums[1]!);
  return { hash: keccak256(message), sum: left.sum + right.sum };
}

describe('Merkle sum tree', () => {
  it('has its one leaf as root', () => {
    const [leaf] = nodesOf([7]) as [SumNode];
    expect(sumTreeRoot(treeOf([leaf]))).to.deep.equal(leaf);
  });

  it('hashes hashes and sums as written down, sums beyond 32 bits too', () => {
    const [a, b, c] = nodesOf([5, 2 ** 45 + 3, 2 ** 32 - 1]) as [SumNode, SumNode, SumNode];
    const root = parent(parent(a, b), parent(c, empty));
    expect(sumTreeRoot(treeOf([a, b, c]))).to.deep.equal(root);
    expect(root.sum).to.equal(2 ** 45 + 2 ** 32 + 7);
    expect(sumTreeRoot(treeOf([a, b, c], 3))).to.deep.equal(parent(root, empty));
  });

  it('proves every node of every level, the empty ones too', () => {
    const sums = fc.array(
      fc.oneof(
        fc.maxSafeNat().map((sum) => sum % 2 ** 47),
        fc.constant(0),
      ),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(sums, fc.nat(2), (leafSums, extra) => {
        const nodes = nodesOf(leafSums);
        const tree = treeOf(nodes, treeOf(nodes).depth + extra);
        for (let level = 0; level <= tree.depth; level++) {
          for (let index = 0; index < 2 ** (tree.depth - level); index++) {
            const sum = tree.sums[level]![index];
            const hash = tree.hashes[level]!.slice(index * 32, index * 32 + 32);
            const shown = sum === undefined ? empty : { hash, sum };
            expect(sumRootFromProof(shown, index, proveNode(tree, level, index))).to.deep.equal(sumTreeRoot(tree));
          }
        }
      }),
      fuzzRuns(15),
    );
  }).timeout(fuzzTimeout);

  it('gives another root for another index, sum, sibling or sibling’s sum', () => {
    const nodes = nodesOf([10, 20, 30, 40, 50, 60]);
    const tree = treeOf(nodes);
    const root = sumTreeRoot(tree);
    nodes.forEach((leaf, index) => {
      const proof = proveNode(tree, 0, index);
      const changedSum = proof.map((sibling, i) => (i === 1 ? { ...sibling, sum: sibling.sum + 1 } : sibling));
      const changedHash = proof.map((sibling, i) => (i === 1 ? { ...sibling, hash: leaf.hash } : sibling));
      const wrong = [
        sumRootFromProof(leaf, index ^ 1, proof),
        sumRootFromProof({ ...leaf, sum: leaf.sum - 1 }, index, proof),
        sumRootFromProof({ ...leaf, hash: root.hash }, index, proof),
        sumRootFromProof(leaf, index, changedSum),
        sumRootFromProof(leaf, index, changedHash),
      ];
      for (const { hash } of wrong) expect(hash).not.to.deep.equal(root.hash);
    });
  });

  it('binds sums: moving weight between two leaves changes the root, though the total stays', () => {
    const root = sumTreeRoot(treeOf(nodesOf([10, 20])));
    const moved = sumTreeRoot(treeOf(nodesOf([11, 19])));
    expect(moved.sum).to.equal(root.sum);
    expect(moved.hash).not.to.deep.equal(root.hash);
  });

  it('refuses a node that the tree does not have', () => {
    const tree = treeOf(nodesOf([1, 2, 3]));
    expect(codeOf(() => proveNode(tree, 0, 4))).to.equal('ARGUMENT_INVALID');
    expect(codeOf(() => proveNode(tree, 1, 2))).to.equal('ARGUMENT_INVALID');
    for (const level of [-1, 0.5, 3]) expect(codeOf(() => proveNode(tree, level, 0))).to.equal('ARGUMENT_INVALID');
    expect(codeOf(() => sumRootFromProof(nodesOf([1])[0]!, 4, proveNode(tree, 0, 0)))).to.equal('ARGUMENT_INVALID');
  });
});
