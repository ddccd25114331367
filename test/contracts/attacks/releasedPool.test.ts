/** A pool that was released to the treasury has nothing left to allocate: a statement made later must not make claims fail. */
import { expect } from 'chai';
import { parameters } from '../deployment.ts';
import { claimOf, falsified, finalize, type Scored, settle, stageScored, state } from '../rewards/settledRound.ts';
import { turnHolderOf } from '../round.ts';
import { proposeStaged } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

/** Round 1 is rewarded and its fee not claimed; round 2 is final, and the task ends before anybody states its rewards. */
async function endTask(scored: Scored) {
  const { rewards, federation, policy, aggregators, time } = scored;
  await rewards.openScoring(1);
  await finalize(scored);
  const first = await settle(scored, []);
  await state(
    scored,
    falsified(first, () => ({})),
  );
  const proposer = await turnHolderOf(federation, aggregators);
  const proposal = await proposeStaged(scored);
  await rewards.openScoring(2);
  await time.increase(parameters.challengeSeconds);
  await federation.finalizeRound(2);
  await rewards.finalizeRewards(1);
  const second = await settle({ ...scored, proposer }, [], first.balances);
  await policy.retire();
  await time.increase(3 * parameters.submissionSeconds);
  await federation.skipRound(3);
  await time.increase(parameters.unbondingSeconds);
  await policy.releasePool();
  return { first, second, proposal };
}

async function attackTheClaims(scored: Scored) {
  const { rewards, token, stranger, proposer, time } = scored;
  const attempts = new Attempts();
  const { first, second, proposal } = await endTask(scored);
  await token.transfer(stranger.address, 10n ** 9n);
  await token.connect(stranger).approve(rewards, 10n ** 9n);
  await rewards.connect(stranger).fund(10n ** 9n);
  const statement = { ...falsified(second, () => ({})), round: 2 };
  await attempts.take('statement', () => state({ ...scored, proposal }, statement));
  await time.increase(parameters.challengeSeconds);
  await attempts.take('finalisation', () => rewards.finalizeRewards(2));
  const isFinal = (await rewards.rewardHead()).finalRound === 2n;
  const place = Number((await rewards.accountOf(proposer.address)).number) - 1;
  const { cumulativeGwei, reputation, path } = claimOf(isFinal ? second : first, place);
  const isClaimed = await attempts.take('claim', () =>
    rewards.connect(proposer).claim(proposer.address, cumulativeGwei, reputation, path),
  );
  const { fundedGwei, allocatedGwei } = await rewards.pool();
  return { attempts, outcome: { isClaimed, isAllocatedTwice: allocatedGwei > fundedGwei } };
}

describe('Attack: a reward statement after the pool was released', () => {
  it('allocates nothing that is gone, and every claim is still paid', async () => {
    const asItMustBe = { isClaimed: true, isAllocatedTwice: false };
    const { attempts, outcome } = await attackTheClaims(await stageScored(0));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
