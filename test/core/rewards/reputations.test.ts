import { expect } from 'chai';
import { fromHex } from '../../../client/core/hash.ts';
import { merkleRoot, verifyProof } from '../../../client/core/merkle.ts';
import { maxWeight } from '../../../client/core/numbers.ts';
import { createRandom } from '../../../client/core/random.ts';
import { balanceLeaf } from '../../../client/core/rewards/balances.ts';
import {
  createReputations,
  isNamed,
  openReputation,
  readReputations,
  weigh,
} from '../../../client/core/rewards/reputations.ts';

const places = new Map(['none yet', 'half', 'best', 'later'].map((trainer, place) => [trainer, place]));
const balances = [0, 32_767, 65_535].map((reputation) => ({ cumulativeGwei: 5n, reputation }));

function reputationsOf(floorBasisPoints: number) {
  return createReputations(floorBasisPoints, balances, (trainer) => places.get(trainer));
}

describe('reputations', () => {
  it('are none in a word of zeros', () => {
    expect(readReputations(new Uint8Array(32))).to.equal(undefined);
    expect(weigh(undefined, 'best', 77)).to.equal(77);
    expect(openReputation(undefined, 'best')).to.deep.equal({ cumulativeGwei: 0n, reputation: 0, path: [] });
  });

  it('are named by root, accounts and floor, as the contract packs them', () => {
    const root = fromHex(`0x${'a1'.repeat(32)}`);
    const named = readReputations(fromHex(`0x${'a1'.repeat(26)}000001021388`))!;
    expect([named.accounts, named.floorBasisPoints]).to.deep.equal([258, 5_000]);
    expect(isNamed(named, 258, root)).to.equal(true);
    expect(isNamed(named, 257, root)).to.equal(false);
    expect(isNamed(named, 258, root.with(25, 0))).to.equal(false);
    expect(readReputations(fromHex(`0x0000${'a1'.repeat(26)}000001021388`).subarray(2))).to.deep.equal(named);
  });

  it('weigh from the floor to all of what is declared, rounded down, and at least one unit', () => {
    const half = reputationsOf(5_000);
    expect(['none yet', 'half', 'best'].map((trainer) => weigh(half, trainer, 1_000))).to.deep.equal([500, 749, 1_000]);
    expect(weigh(reputationsOf(1_000), 'none yet', maxWeight)).to.equal(6_553);
    expect(weigh(reputationsOf(1_000), 'best', maxWeight)).to.equal(maxWeight);
    expect(weigh(reputationsOf(1_000), 'none yet', 9)).to.equal(1);
    expect(weigh(reputationsOf(10_000), 'none yet', 1_000), 'no effect').to.equal(1_000);
  });

  it('are nobody’s without an account, or with one that is younger than the balances', () => {
    const reputations = reputationsOf(2_500);
    for (const trainer of ['stranger', 'later']) {
      expect(weigh(reputations, trainer, 1_000)).to.equal(250);
      expect(openReputation(reputations, trainer).path).to.deep.equal([]);
    }
    const { path, ...balance } = openReputation(reputations, 'half');
    expect(balance).to.deep.equal(balances[1]);
    expect(path).to.have.length(8);
    const leaf = balanceLeaf(1, balances[1]!);
    expect(verifyProof(merkleRoot(reputations.tree.tree), leaf, 1, path.map(fromHex))).to.equal(true);
  });

  it('never weigh less for a better reputation, nor leave the bounds', () => {
    const random = createRandom('reputations');
    for (let round = 0; round < 500; round++) {
      const [worse, better] = [random.below(65_536), random.below(65_536)].sort((a, b) => a - b);
      const floor = 1_000 + random.below(9_001);
      const of = [worse!, better!].map((reputation) => ({ cumulativeGwei: 0n, reputation }));
      const reputations = createReputations(floor, of, Number);
      const weight = 1 + random.below(maxWeight);
      const [less, more] = [weigh(reputations, '0', weight), weigh(reputations, '1', weight)];
      expect(less)
        .to.be.at.most(more)
        .and.at.least(Math.max(1, Math.floor((weight * floor) / 10_000)));
      expect(more).to.be.at.most(weight);
    }
  });
});
