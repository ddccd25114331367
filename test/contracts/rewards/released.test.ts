/** What becomes of the pool when a task has ended. */
import { expect } from 'chai';
import { parameters } from '../deployment.ts';
import { propose, submit } from '../round.ts';
import { claimOf, type Scored, score, settle, stageScored, state, statementArgument } from './settledRound.ts';

const table = [
  [900, 400, -100],
  [800, 500, -50],
];
const weiPerGwei = 10n ** 9n;

describe('the pool of a retired task', () => {
  let scored: Scored;
  let restore: () => Promise<void>;

  before(async () => {
    scored = await stageScored(2);
    await score(scored, table);
    ({ restore } = await scored.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  /** Round 2, which is open, is the last one; answers until when its rewards may be stated. */
  async function end(): Promise<bigint> {
    const { policy, federation, trainers, aggregators, evaluators, time } = scored;
    await policy.retire();
    await submit(federation, ...trainers);
    await propose(federation, [...aggregators, ...evaluators], trainers.length);
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(2);
    expect((await federation.clock()).round).to.equal(0);
    return (await federation.proposalOf(2)).closesAt + BigInt(parameters.unbondingSeconds);
  }

  it('stays while the task lives, a round or a reward statement is in flight, or one may still come', async () => {
    const { policy, rewards, time } = scored;
    await expect(policy.releasePool()).to.be.revertedWithCustomError(policy, 'NotRetired');
    const snapshot = await scored.networkHelpers.takeSnapshot();
    await policy.retire();
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'RewardsInFlight').withArgs(2);
    await snapshot.restore();
    const endsAt = await end();
    await time.setNextBlockTimestamp(endsAt - 1n);
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'NotYet').withArgs(endsAt);
    await state(scored, statementArgument((await settle(scored, table)).statement));
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'RewardsInFlight').withArgs(2);
  });

  it('keeps what reward statements have given away, and gives the rest to the treasury, once', async () => {
    const { policy, rewards, token, stake, time, trainers } = scored;
    const endsAt = await end();
    const settlement = await settle(scored, table);
    await state(scored, statementArgument(settlement.statement));
    await time.increase(parameters.challengeSeconds);
    await rewards.finalizeRewards(1);
    await time.increaseTo(endsAt);
    const { fundedGwei, allocatedGwei } = await rewards.pool();
    const treasury = await stake.treasury();
    const before = await token.balanceOf(treasury);
    const restGwei = fundedGwei - allocatedGwei;
    await expect(policy.releasePool()).to.emit(rewards, 'PoolReleased').withArgs(treasury, restGwei);
    expect((await token.balanceOf(treasury)) - before).to.equal(restGwei * weiPerGwei);
    expect(await token.balanceOf(rewards)).to.equal(allocatedGwei * weiPerGwei);
    expect(await rewards.pool()).to.deep.equal([allocatedGwei, allocatedGwei]);
    expect(await rewards.fundedGweiBefore(await time.latest())).to.equal(fundedGwei);
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'ZeroAmount');
    const { cumulativeGwei, reputation, path } = claimOf(settlement, 0);
    await rewards.connect(trainers[0]!).claim(trainers[0]!.address, cumulativeGwei, reputation, path);
    expect(await token.balanceOf(trainers[0]!)).to.equal(cumulativeGwei * weiPerGwei);
  });

  it('goes to the treasury as a whole where nobody has stated anything for as long as stake answered for it', async () => {
    const { policy, rewards, token, time } = scored;
    const endsAt = await end();
    await time.setNextBlockTimestamp(endsAt);
    await policy.releasePool();
    expect(await token.balanceOf(rewards)).to.equal(0);
    expect(await rewards.pool()).to.deep.equal([0n, 0n]);
  });
});
