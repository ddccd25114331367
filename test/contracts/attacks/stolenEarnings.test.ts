/** A false statement that nobody has refuted in time takes what it allocated, not what others have earned before and left unclaimed. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { toHex } from '../../../client/core/hash.ts';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { buildBalancesTree, newBalance, proveBalance } from '../../../client/core/rewards/balances.ts';
import { parameters } from '../deployment.ts';
import { falsified, finalize, type Scored, settle, stageScored, state } from '../rewards/settledRound.ts';
import { turnHolderOf } from '../round.ts';
import { proposeStaged } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

/** Round 1 is rewarded rightly, and round 2 is final. */
async function play(scored: Scored) {
  const { rewards, federation, aggregators, time } = scored;
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
  return { proposer, proposal, first };
}

async function attackTheUnclaimed(scored: Scored, thief: HardhatEthersSigner) {
  const { rewards, token, time } = scored;
  const attempts = new Attempts();
  const { proposer, proposal, first } = await play(scored);
  const { allocatedGwei: before } = await rewards.pool();
  const right = await settle({ ...scored, proposer }, [], first.balances);
  const place = Number((await rewards.accountOf(thief.address)).number) - 1;
  // both rounds pay the same
  const stolen = { cumulativeGwei: 2n * before, reputation: 0 };
  const balances = right.balances.map(() => newBalance).with(place, stolen);
  const pageRoots = buildBalancesTree(balances).pages.map(merkleRoot);
  const statement = { ...falsified(right, () => ({ pageRoots })), round: 2 };
  await state({ ...scored, proposer: thief, proposal }, statement);
  const allocatedGwei = (await rewards.pool()).allocatedGwei - before;
  await time.increase(parameters.challengeSeconds);
  await rewards.finalizeRewards(2);
  const heldWei = await token.balanceOf(rewards);
  const path = proveBalance(buildBalancesTree(balances), place).map(toHex);
  await attempts.take('claim', () => rewards.connect(thief).claim(thief.address, stolen.cumulativeGwei, 0, path));
  const takenGwei = (heldWei - (await token.balanceOf(rewards))) / 10n ** 9n;
  return { attempts, takenGwei, outcome: { isAboveItsAllocation: takenGwei > allocatedGwei } };
}

describe('Attack: a false statement, for what others have not claimed', () => {
  it('takes no more than it allocated itself', async () => {
    const asItMustBe = { isAboveItsAllocation: false };
    const scored = await stageScored(0);
    const thief = scored.aggregators.find((aggregator) => aggregator !== scored.proposer)!;
    const { attempts, takenGwei, outcome } = await attackTheUnclaimed(scored, thief);
    expect(outcome, `${takenGwei} gwei, ${attempts}`).to.deep.equal(asItMustBe);
  });
});
