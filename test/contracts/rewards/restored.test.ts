/** What voters do about a wrong statement that has become final, and what it can take before. */
import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { toHex } from '../../../client/core/hash.ts';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { type Balances, buildBalancesTree } from '../../../client/core/rewards/balances.ts';
import {
  finalizeAll,
  type Proposed,
  playFinal,
  type Scripted,
  type Stated,
  script,
  settle,
  stateAll,
  unchanged,
  voidStated,
  weiPerGwei,
} from './scripted.ts';
import { claimOf, falsified, state } from './settledRound.ts';

/** What the proposer earns in a round. */
const feeGwei = 100n * 10n ** 9n;

describe('restored balances', () => {
  let scripted: Scripted;
  let rounds: Proposed[];
  let stated: Stated[];
  let restore: () => Promise<void>;

  before(async () => {
    scripted = await script();
    rounds = await playFinal(scripted, 1, 4);
    stated = await stateAll(rounds.slice(0, 3));
    await finalizeAll(scripted, 1, 2);
    ({ restore } = await scripted.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  const rootOf = (round: number) => toHex(stated[round - 1]!.settlement.balancesRoot);

  async function claim(balances: Balances, place: number, by: 'proposer' | 'other') {
    const { rewards } = scripted;
    const { cumulativeGwei, reputation, path } = claimOf({ balances }, place);
    return await rewards.connect(scripted[by]).claim(scripted[by].address, cumulativeGwei, reputation, path);
  }

  it('come by vote only, and are those of a statement that was final', async () => {
    const { policy, rewards, stranger } = scripted;
    await expect(policy.connect(stranger).restoreBalances(1, 0))
      .to.be.revertedWithCustomError(policy, 'NotTheOwner')
      .withArgs(stranger.address);
    for (const call of [() => rewards.restoreBalances(1, 0), () => rewards.releasePool()]) {
      await expect(call()).to.be.revertedWithCustomError(rewards, 'NotThePolicy');
    }
    for (const round of [3, 4, 65, 66]) {
      await expect(policy.restoreBalances(round, 0))
        .to.be.revertedWithCustomError(rewards, 'NotStated')
        .withArgs(round);
    }
    const { fundedGwei } = await rewards.pool();
    const rest = fundedGwei - 2n * feeGwei;
    await expect(policy.restoreBalances(1, rest + 1n))
      .to.be.revertedWithCustomError(rewards, 'MoreThanFunded')
      .withArgs(fundedGwei + 1n, fundedGwei);
    await policy.restoreBalances(1, rest);
  });

  it('are the final ones again, for claims and for later reward statements; those in flight are void', async () => {
    const { policy, rewards, proposer, token, time } = scripted;
    await expect(policy.restoreBalances(1, 5)).to.emit(rewards, 'BalancesRestored').withArgs(1, rootOf(1), 5);
    expect(await rewards.finalBalances()).to.deep.equal([rootOf(1), 2n]);
    expect(await rewards.rewardHead()).to.deep.equal([2n, 2n, rootOf(1)]);
    expect((await rewards.pool()).allocatedGwei).to.equal(2n * feeGwei + 5n);
    await time.increase(1000);
    await expect(rewards.finalizeRewards(3)).to.be.revertedWithCustomError(rewards, 'NotStated').withArgs(3);
    await expect(claim(stated[1]!.settlement.balances, 0, 'proposer')).to.be.revertedWithCustomError(
      rewards,
      'WrongBalance',
    );
    await claim(stated[0]!.settlement.balances, 0, 'proposer');
    expect(await token.balanceOf(proposer)).to.equal(feeGwei * weiPerGwei);

    const anew = await settle(rounds[2]!, stated[0]!.settlement.balances);
    const by = rewards.connect(proposer);
    await by.restateRewards(stated[2]!.facts, unchanged(anew));
    const [event] = (await rewards.queryFilter(rewards.filters.RewardsProposed(3))).slice(-1);
    expect(event!.args.facts.previousRound).to.equal(2);
    expect(toHex(anew.statement.previousBalancesRoot)).to.equal(rootOf(1));
    await finalizeAll(scripted, 3, 3);
    expect((await rewards.pool()).allocatedGwei).to.equal(3n * feeGwei + 5n);
    await claim(anew.balances, 0, 'proposer');
    expect(await token.balanceOf(proposer)).to.equal(2n * feeGwei * weiPerGwei);
  });

  it('can be none at all, as before the first statement', async () => {
    const { policy, rewards } = scripted;
    await policy.restoreBalances(0, 0);
    expect(await rewards.finalBalances()).to.deep.equal([ZeroHash, 0n]);
    await expect(claim(stated[0]!.settlement.balances, 0, 'proposer')).to.be.revertedWithCustomError(
      rewards,
      'WrongBalance',
    );
  });

  it('cover what wrong ones have taken, which is never more than was allocated', async () => {
    const { policy, rewards, token, other, proposer } = scripted;
    // the proposer makes what is in flight void, and all balances its own
    await voidStated(scripted, stated[2]!);
    const wrong = [3n * feeGwei, 3n * feeGwei + 1n].map((cumulativeGwei) => ({ cumulativeGwei, reputation: 0 }));
    const settlement = await settle(rounds[2]!, stated[1]!.settlement.balances);
    const pageRoots = buildBalancesTree(wrong).pages.map(merkleRoot);
    const statement = falsified(settlement, () => ({ pageRoots }));
    await rewards.connect(proposer).restateRewards(stated[2]!.facts, statement);
    await finalizeAll(scripted, 3, 3);
    const [held, kept] = [await token.balanceOf(rewards), (10n ** 15n - 3n * feeGwei) * weiPerGwei];
    await expect(claim(wrong, 1, 'other'))
      .to.be.revertedWithCustomError(rewards, 'MoreThanAllocated')
      .withArgs(held, kept + (3n * feeGwei + 1n) * weiPerGwei);
    await claim(wrong, 0, 'proposer');
    expect(await token.balanceOf(proposer)).to.equal(3n * feeGwei * weiPerGwei);
    // what others send to the contract pays no wrong balance but by itself
    await token.transfer(rewards, weiPerGwei);
    await expect(claim(wrong, 1, 'other')).to.be.revertedWithCustomError(rewards, 'MoreThanAllocated');

    // round 4 gives the other what it has earned, from the pool that voters cover
    await policy.restoreBalances(2, 3n * feeGwei);
    const next = await settle(rounds[3]!, stated[1]!.settlement.balances);
    const right = next.balances.map(({ reputation }) => ({ cumulativeGwei: 4n * feeGwei, reputation }));
    await state(
      rounds[3]!,
      falsified(next, () => ({ pageRoots: buildBalancesTree(right).pages.map(merkleRoot) })),
    );
    await finalizeAll(scripted, 4, 4);
    await claim(right, 1, 'other');
    expect(await token.balanceOf(other)).to.equal(4n * feeGwei * weiPerGwei);
    await expect(
      claim(right, 0, 'proposer'),
      'all that was allocated is paid, but for what was sent',
    ).to.be.revertedWithCustomError(rewards, 'MoreThanAllocated');
  });
});
