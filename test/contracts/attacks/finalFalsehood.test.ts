/** A false statement that nobody has refuted in time gives its author all that the pool holds, not what the rounds allocated. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { aggregatorBondWei, joinAsAggregator, parameters, rewardParameters } from '../deployment.ts';
import { finalize, type Scored, stageScored } from '../rewards/settledRound.ts';
import { Attempts } from './attempts.ts';
import { claimStolen, leaveWithBond, stateStolen } from './theft.ts';

async function attackASleepingFederation(scored: Scored, thief: HardhatEthersSigner) {
  const { rewards, token, time } = scored;
  const attempts = new Attempts();
  await joinAsAggregator(scored, thief);
  await rewards.connect(thief).enrol(thief.address);
  await rewards.openScoring(1);
  await finalize(scored);
  await time.increase(parameters.turnSeconds);
  const poolWei = await token.balanceOf(rewards);
  const stolen = await stateStolen(scored, thief);
  await time.increase(parameters.challengeSeconds);
  await attempts.take('finalisation', () => rewards.finalizeRewards(1));
  await attempts.take('claim', () => claimStolen(scored, thief, stolen));
  const lostGwei = (poolWei - (await token.balanceOf(rewards))) / 10n ** 9n;
  await leaveWithBond(scored, thief, attempts);
  const bondWei = (await token.balanceOf(thief.address)) - lostGwei * 10n ** 9n;
  return { attempts, outcome: { isAboveRewardOfARound: lostGwei > rewardParameters.rewardGwei, bondWei } };
}

describe('Attack: a false statement that became final', () => {
  it('takes no more than final statements allocated', async () => {
    const asItMustBe = { isAboveRewardOfARound: false, bondWei: aggregatorBondWei };
    const scored = await stageScored(0);
    const { attempts, outcome } = await attackASleepingFederation(scored, scored.accounts[15]!);
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
