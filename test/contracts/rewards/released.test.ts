/** What becomes of the pool when a task has ended. */
import { expect } from 'chai';
import { parameters } from '../deployment.ts';
import { type Scored, score, settle, stageScored, state, statementArgument } from './settledRound.ts';

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

  /** Round 2, which is open, is skipped: no other comes. */
  async function end(): Promise<void> {
    const { policy, federation, time } = scored;
    await policy.retire();
    const { submissionDeadline } = await federation.clock();
    await time.increaseTo(submissionDeadline + BigInt(parameters.submissionSeconds + 2 * parameters.turnSeconds));
    await federation.skipRound(2);
    expect((await federation.clock()).round).to.equal(0);
  }

  it('stays while the task lives, a round is in flight, or a statement is or may yet come', async () => {
    const { policy, rewards, federation, time } = scored;
    await expect(policy.releasePool()).to.be.revertedWithCustomError(policy, 'NotRetired');
    const snapshot = await scored.networkHelpers.takeSnapshot();
    await policy.retire();
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'RewardsInFlight').withArgs(2);
    await snapshot.restore();
    await end();
    const endsAt = (await federation.proposalOf(1)).closesAt + BigInt(parameters.unbondingSeconds);
    await time.setNextBlockTimestamp(endsAt - 1n);
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'NotYet').withArgs(endsAt);
    await state(scored, statementArgument((await settle(scored, table)).statement));
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'RewardsInFlight').withArgs(2);
  });

  it('leaves what statements have given away, and gives the rest to the treasury, once', async () => {
    const { policy, rewards, token, stake, time } = scored;
    await end();
    const { statement, earnings } = await settle(scored, table);
    await state(scored, statementArgument(statement));
    await time.increase(parameters.challengeSeconds);
    await rewards.finalizeRewards(1);
    const { fundedGwei, allocatedGwei } = await rewards.pool();
    const treasury = await stake.treasury();
    const before = await token.balanceOf(treasury);
    const restGwei = fundedGwei - allocatedGwei;
    expect([...earnings.values()]).to.not.have.length(0);
    await expect(policy.releasePool()).to.emit(rewards, 'PoolReleased').withArgs(treasury, restGwei);
    expect((await token.balanceOf(treasury)) - before).to.equal(restGwei * weiPerGwei);
    expect(await token.balanceOf(rewards)).to.equal(allocatedGwei * weiPerGwei);
    expect(await rewards.pool()).to.deep.equal([allocatedGwei, allocatedGwei]);
    expect(await rewards.fundedGweiBefore(await time.latest())).to.equal(fundedGwei);
    await expect(policy.releasePool()).to.be.revertedWithCustomError(rewards, 'ZeroAmount');
  });

  it('leaves as a whole where nobody has stated anything as long as stake answered for it', async () => {
    const { policy, rewards, token, federation, time } = scored;
    await end();
    const endsAt = (await federation.proposalOf(1)).closesAt + BigInt(parameters.unbondingSeconds);
    await time.setNextBlockTimestamp(endsAt);
    await policy.releasePool();
    expect(await token.balanceOf(rewards)).to.equal(0);
    expect(await rewards.pool()).to.deep.equal([0n, 0n]);
  });
});
