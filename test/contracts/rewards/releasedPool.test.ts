/** What voters have released of the pool is gone: no round that is stated later is paid from it. */
import { expect } from 'chai';
import { id, ZeroHash } from 'ethers';
import { found, parameters } from '../deployment.ts';
import { playRound } from '../round.ts';

const weiPerGwei = 10n ** 9n;

describe('a pool that voters have released', () => {
  it('gives nothing to a round that is stated after it, though it was funded before', async () => {
    const { federation, rewards, policy, token, time, trainers, aggregators } = await found(2, 1);
    const aggregator = aggregators[0]!;
    await rewards.connect(aggregator).enrol(aggregator.address);
    await token.approve(rewards, 10n ** 27n);
    await rewards.fund(500n * weiPerGwei);
    const { proposal } = await playRound(federation, trainers, aggregators);
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(1);
    // later than the scores of round 1 were settled: what the pool had then is looked up
    await rewards.fund(weiPerGwei);
    await policy.retire();
    await time.increase(2 * parameters.submissionSeconds + 2 * parameters.turnSeconds);
    await federation.skipRound(2);
    await time.increase(parameters.unbondingSeconds);
    await policy.releasePool();

    const nothing = { middle: 0, previousBalancesRoot: ZeroHash, evaluators: '0x', entries: '0x' };
    const statement = { ...nothing, round: 1, accounts: 1, pageRoots: [id('page')] };
    const stating = rewards.connect(aggregator);
    await expect(stating.proposeRewards(proposal, { ...statement, paidGwei: 500 }))
      .to.be.revertedWithCustomError(rewards, 'WrongPayment')
      .withArgs(500, 0);
    await stating.proposeRewards(proposal, { ...statement, paidGwei: 0 });
    expect(await rewards.pool()).to.deep.equal([0n, 0n]);
  });
});
