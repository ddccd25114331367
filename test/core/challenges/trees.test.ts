import { expect } from 'chai';
import fc from 'fast-check';
import { aggregate } from '../../../client/core/aggregate.ts';
import {
  columnsTreeView,
  findWrongLeaf,
  modelTreeView,
  PostedTree,
  postedTreeOf,
  spanOf,
  type TreeView,
} from '../../../client/core/challenges/trees.ts';
import { equalBytes, type Hash, keccak256 } from '../../../client/core/hash.ts';
import { buildMerkleTree, hashNode, isEmpty, merkleRoot, rootFromProof } from '../../../client/core/merkle.ts';
import { parseRule } from '../../../client/core/rules/parseRule.ts';
import { arbitraryRound, codeOf, fuzzRuns, fuzzTimeout, updatesOf } from '../rounds.ts';

const leaf = (index: number, of = 'right') => keccak256(new TextEncoder().encode(`${of} leaf ${index}`));

function viewOf(count: number, wrong: readonly number[] = []): TreeView {
  const leaves = new Uint8Array(count * 32);
  for (let i = 0; i < count; i++) leaves.set(leaf(i, wrong.includes(i) ? 'wrong' : 'right'), 32 * i);
  return modelTreeView(buildMerkleTree(leaves));
}

/** Opens whatever is asked for until the wrong leaf is found; also gives how much was asked for. */
function search(right: TreeView, cheats: TreeView) {
  const posted = new PostedTree(cheats.node(cheats.depth, 0), cheats.depth);
  for (let demands = 0; ; demands++) {
    const found = findWrongLeaf(right, posted);
    if (found === undefined || 'leaf' in found) return { found, demands };
    const { height, index, span, node } = found.open;
    expect(isEmpty(node)).to.equal(false);
    const first = index * 2 ** span;
    const nodes = Array.from({ length: 2 ** span }, (_, i) => cheats.node(height - span, first + i));
    posted.learn(height, index, span, nodes);
  }
}

describe('findWrongLeaf', () => {
  it('finds nothing where the trees are equal, whatever is known of them', () => {
    expect(findWrongLeaf(viewOf(7), postedTreeOf(viewOf(7)))).to.equal(undefined);
    expect(search(viewOf(7), viewOf(7))).to.deep.equal({ found: undefined, demands: 0 });
  });

  it('finds the one leaf of a tree without demands', () => {
    const { found, demands } = search(viewOf(1), viewOf(1, [0]));
    expect([found, demands]).to.deep.equal([{ leaf: { index: 0, hash: leaf(0, 'wrong'), path: [] } }, 0]);
  });

  it('finds the first of the leaves that differ, with its way to the posted root', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
        (count, picks) => {
          const wrong = picks.map((pick) => pick % count);
          const [right, cheats] = [viewOf(count), viewOf(count, wrong)];
          for (const { found } of [search(right, cheats), { found: findWrongLeaf(right, postedTreeOf(cheats)) }]) {
            const { index, hash, path } = (found as { leaf: { index: number; hash: Hash; path: Hash[] } }).leaf;
            expect(index).to.equal(Math.min(...wrong));
            expect(rootFromProof(hash, index, path)).to.deep.equal(cheats.node(cheats.depth, 0));
          }
        },
      ),
      fuzzRuns(50),
    );
  }).timeout(fuzzTimeout);

  it('needs two demands for a tree of 3000 leaves, of which an empty half is none', () => {
    expect(search(viewOf(3000), viewOf(3000, [2999])).demands).to.equal(2);
    const right = { depth: 12, node: viewOf(4096).node };
    const { found, demands } = search(right, { depth: 12, node: () => new Uint8Array(32) });
    expect(demands).to.equal(0);
    expect(found).to.have.nested.property('leaf.index', 0);
  });
});

describe('spanOf', () => {
  it('reaches the leaves by as few demands as possible, none of more than 11 levels', () => {
    for (let depth = 1; depth <= 40; depth++) {
      const spans: number[] = [];
      for (let height = depth; height > 0; height -= spans.at(-1)!) spans.push(spanOf(height, 11));
      expect(spans.length).to.equal(Math.ceil(depth / 11));
      expect(Math.max(...spans)).to.be.at.most(11);
      expect(Math.max(...spans) - Math.min(...spans)).to.be.at.most(1);
    }
  });
});

describe('PostedTree', () => {
  it('learns nothing that does not hash to what it knows', () => {
    const view = viewOf(4);
    const posted = new PostedTree(view.node(2, 0), 2);
    const leaves = [0, 1, 2, 3].map((i) => view.node(0, i));
    expect(codeOf(() => posted.learn(2, 0, 2, leaves.with(2, leaf(9))))).to.equal('ARGUMENT_INVALID');
    expect(codeOf(() => posted.learn(2, 0, 1, leaves))).to.equal('ARGUMENT_INVALID');
    expect(codeOf(() => posted.learn(1, 0, 1, leaves.slice(0, 2)))).to.equal('ARGUMENT_INVALID');
    posted.learn(2, 0, 2, leaves);
    expect(posted.node(1, 1)).to.deep.equal(view.node(1, 1));
  });
});

describe('columnsTreeView', () => {
  it('is one tree over all columns, whose root is the columns root', () => {
    fc.assert(
      fc.property(arbitraryRound(40, 200), ({ model, values, weights }) => {
        const result = aggregate(parseRule('median'), model, updatesOf(values, weights));
        const view = columnsTreeView(result);
        expect(view.node(view.depth, 0)).to.deep.equal(merkleRoot(result.columnsTree));
        for (let height = 1; height <= view.depth; height++) {
          for (let index = 0; index < 2 ** (view.depth - height); index++) {
            const children = [view.node(height - 1, 2 * index), view.node(height - 1, 2 * index + 1)] as const;
            expect(equalBytes(hashNode(...children), view.node(height, index))).to.equal(true);
          }
        }
      }),
      fuzzRuns(10),
    );
  }).timeout(fuzzTimeout);
});
