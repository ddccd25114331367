import { expect } from 'chai';
import fc from 'fast-check';
import { aggregate } from '../../client/core/aggregate.ts';
import { buildColumn, columnRoot } from '../../client/core/columns.ts';
import { concatBytes, keccak256 } from '../../client/core/hash.ts';
import { sortInputs } from '../../client/core/inputs.ts';
import { buildMerkleTree, merkleRoot, proveLeaf, verifyProof } from '../../client/core/merkle.ts';
import { parseRule } from '../../client/core/rules/parseRule.ts';
import { trimCount } from '../../client/core/rules/rule.ts';
import { arbitraryRound, fuzzRuns, fuzzTimeout, updatesOf } from './rounds.ts';

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset);
}

describe('column', () => {
  it('of a mean holds the running biased sums, as written down', () => {
    const values = Array.from({ length: 17 }, (_, j) => [j - 8, -32_768, 32_767]);
    const weights = values.map((_, j) => j + 1);
    const updates = updatesOf(values, weights);
    const column = buildColumn(parseRule('mean'), updates, 0);
    expect(column.states.map(({ length }) => length)).to.deep.equal([512, 512]);
    for (const [group, size] of [16, 17].entries()) {
      const view = viewOf(column.states[group]!);
      for (const [place, expected] of [
        [0, (j: number) => (j + 1) * (j - 8 + 32_768)],
        [1, () => 0],
        [2, (j: number) => (j + 1) * 65_535],
        [3, (j: number) => (j + 1) * 32_768],
        [63, (j: number) => (j + 1) * 32_768],
      ] as const) {
        const sum = Array.from({ length: size }, (_, j) => expected(j)).reduce((a, b) => a + b);
        expect(view.getBigUint64(8 * place)).to.equal(BigInt(sum));
      }
    }
    expect(column.divisor).to.equal(153);
    const groups = [updates.slice(0, 16), updates.slice(16)];
    const leaves = groups.map((group, i) => {
      const groupHash = keccak256(concatBytes(...group.map(({ leafHashes }) => leafHashes.slice(0, 32))));
      expect(column.groupHashes[i]).to.deep.equal(groupHash);
      return keccak256(concatBytes(Uint8Array.of(6), groupHash, column.states[i]!));
    });
    expect(columnRoot(column)).to.deep.equal(keccak256(concatBytes(Uint8Array.of(3), ...leaves)));
  });

  it('of a median holds cuts, sums and counts, as written down', () => {
    const updates = updatesOf([[-5], [9], [-5], [2], [9]]);
    const { states, divisor, biasedSums } = buildColumn(parseRule('median'), updates, 0);
    const view = viewOf(states[0]!);
    expect(states.map(({ length }) => length)).to.deep.equal([1024]);
    expect([view.getInt16(0), view.getInt16(128)]).to.deep.equal([2, 2]);
    expect(view.getUint32(256)).to.equal(5 * (2 + 32_768));
    expect([0, 2, 4, 6].map((offset) => view.getUint16(512 + offset))).to.deep.equal([2, 3, 2, 3]);
    // A coordinate behind the last one: five zeros.
    expect([0, 2, 4, 6].map((offset) => view.getUint16(520 + offset))).to.deep.equal([0, 5, 0, 5]);
    expect([divisor, biasedSums[0], biasedSums[1]]).to.deep.equal([1, 2 + 32_768, 32_768]);
  });

  it('of one chunk is the leaf that the whole aggregate commits to, and its cuts pass the count', () => {
    const rule = fc.constantFrom('mean', 'median', 'trimmedMean:0.1', 'trimmedMean:0.4').map(parseRule);
    fc.assert(
      fc.property(arbitraryRound(), rule, ({ model, values, weights }, chosen) => {
        const updates = sortInputs(updatesOf(values, weights));
        const { columnsTree, commitment } = aggregate(chosen, model, updates);
        const trim = trimCount(chosen, updates.length);
        for (let chunk = 0; chunk * 64 < model.length; chunk++) {
          const column = buildColumn(chosen, updates, chunk);
          const proof = proveLeaf(columnsTree, chunk);
          expect(verifyProof(commitment.columnsRoot, columnRoot(column), chunk, proof)).to.equal(true);
          if (chosen.name === 'mean') continue;
          const view = viewOf(column.states.at(-1)!);
          for (let place = 0; place < 64; place++) {
            const [below, notAbove, above, notBelow] = [0, 2, 4, 6].map((o) => view.getUint16(512 + 8 * place + o));
            expect(below! <= trim && trim < notAbove! && above! <= trim && trim < notBelow!).to.equal(true);
          }
        }
      }),
      fuzzRuns(30),
    );
  }).timeout(fuzzTimeout);

  it('has as many leaves as groups, at the depth that follows', () => {
    const updates = updatesOf(Array.from({ length: 40 }, (_, j) => [j]));
    const { tree, states } = buildColumn(parseRule('mean'), updates, 0);
    expect([states.length, tree.depth, tree.levels[0]!.length]).to.deep.equal([3, 2, 96]);
    expect(merkleRoot(buildMerkleTree(tree.levels[0]!))).to.deep.equal(merkleRoot(tree));
  });
});
