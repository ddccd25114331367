import { expect } from 'chai';
import { concatBytes, fromHex, keccak256 } from '../../../client/core/hash.ts';
import { merkleRoot, verifyProof } from '../../../client/core/merkle.ts';
import {
  balanceLeaf,
  buildBalancesTree,
  pageBytes,
  proveBalance,
  reputationAfter,
} from '../../../client/core/rewards/balances.ts';
import { codeOf } from '../rounds.ts';

const balancesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ cumulativeGwei: BigInt(i) * 10n ** 9n, reputation: i % 65_536 }));

const zero = new Uint8Array(32);

describe('balances', () => {
  it('refuses amounts and reputations that do not fit', () => {
    for (const changed of [{ cumulativeGwei: 2n ** 64n }, { cumulativeGwei: -1n }, { reputation: 65_536 }]) {
      const balance = { cumulativeGwei: 0n, reputation: 0, ...changed };
      expect(codeOf(() => buildBalancesTree([balance]))).to.equal('ARGUMENT_INVALID');
    }
    expect(codeOf(() => balanceLeaf(2 ** 32, { cumulativeGwei: 0n, reputation: 0 }))).to.equal('ARGUMENT_INVALID');
  });

  it('has no path for a place without account', () => {
    const tree = buildBalancesTree(balancesOf(3));
    for (const place of [-1, 256, 0.5]) expect(codeOf(() => proveBalance(tree, place))).to.equal('ARGUMENT_INVALID');
  });

  it('have a root of zero without accounts', () => {
    const { pages, tree } = buildBalancesTree([]);
    expect(pages.map(merkleRoot)).to.deep.equal([zero]);
    expect(merkleRoot(tree)).to.deep.equal(zero);
  });

  it('writes a leaf and a page as written down', () => {
    const balance = { cumulativeGwei: 0x0102030405060708n, reputation: 0x090a };
    const leaf = keccak256(fromHex('09000001000102030405060708090a'));
    expect(balanceLeaf(256, balance)).to.deep.equal(leaf);
    expect(pageBytes([...balancesOf(256), balance], 1)).to.deep.equal(fromHex('0102030405060708090a'));
    expect(pageBytes(balancesOf(300), 0)).to.have.length(2560);
    expect(pageBytes(balancesOf(300), 2)).to.have.length(0);
  });

  it('puts one account 8 levels below its root', () => {
    const [balance] = balancesOf(1);
    let root = balanceLeaf(0, balance!);
    for (let height = 0; height < 8; height++) root = keccak256(concatBytes(Uint8Array.of(3), root, zero));
    expect(merkleRoot(buildBalancesTree([balance!]).tree)).to.deep.equal(root);
  });

  for (const [accounts, siblings] of [
    [1, 8],
    [256, 8],
    [257, 9],
    [600, 10],
    [1024, 10],
  ] as const) {
    it(`proves each of ${accounts} accounts by ${siblings} siblings`, () => {
      const balances = balancesOf(accounts);
      const tree = buildBalancesTree(balances);
      for (const place of [0, Math.floor(accounts / 2), accounts - 1]) {
        const path = proveBalance(tree, place);
        expect(path).to.have.length(siblings);
        const leaf = balanceLeaf(place, balances[place]!);
        expect(verifyProof(merkleRoot(tree.tree), leaf, place, path)).to.equal(true);
      }
    });
  }
});

describe('reputationAfter', () => {
  it('stays where the middle of the scores is not above zero', () => {
    expect(reputationAfter(500, 900, 0)).to.equal(500);
    expect(reputationAfter(500, 900, -5)).to.equal(500);
  });

  it('goes an eighth of the way, towards zero both ways', () => {
    expect(reputationAfter(0, 10, 10)).to.equal(8191);
    expect(reputationAfter(0, 5, 10)).to.equal(4095);
    expect(reputationAfter(60_001, 0, 10)).to.equal(52_501);
    expect(reputationAfter(60_001, -7, 10)).to.equal(52_501);
    expect(reputationAfter(7, -1, 10)).to.equal(7);
  });

  it('does not rise above the best for more than the middle', () => {
    expect(reputationAfter(0, 32_767, 1)).to.equal(8191);
    expect(reputationAfter(65_535, 32_767, 1)).to.equal(65_535);
  });
});
