/** A statement of rewards that comes to stand on other balances than it was computed from must not cost who made it its bond. */
import { expect } from 'chai';
import type { Result } from 'ethers';
import { toHex } from '../../../client/core/hash.ts';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { type Balance, buildBalancesTree, newBalance, pageBytes } from '../../../client/core/rewards/balances.ts';
import type { RewardFactsStruct } from '../../../types/ethers-contracts/rewards/Rewards.js';
import { aggregatorBondWei, parameters } from '../deployment.ts';
import {
  falsified,
  finalize,
  type Scored,
  type StatementArgument,
  settle,
  stageScored,
  state,
} from '../rewards/settledRound.ts';
import { turnHolderOf } from '../round.ts';
import { proposeStaged } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

/** Rounds 1 and 2 are final, and scored by nobody. */
async function play(scored: Scored) {
  const { rewards, federation, aggregators, time } = scored;
  await rewards.openScoring(1);
  await finalize(scored);
  const proposer = await turnHolderOf(federation, aggregators);
  const proposal = await proposeStaged(scored);
  await rewards.openScoring(2);
  await time.increase(parameters.challengeSeconds);
  await federation.finalizeRound(2);
  return { ...scored, proposer, proposal };
}

async function attackAnHonestStatement(scored: Scored) {
  const { rewards, federation, stake, aggregators, networkHelpers } = scored;
  const attempts = new Attempts();
  const second = await play(scored);
  const honest = second.proposer;
  const attacker = aggregators.find((aggregator) => aggregator !== honest && aggregator !== scored.proposer)!;
  const right = await settle(scored, []);
  const { restore } = await networkHelpers.takeSnapshot();
  await state(
    scored,
    falsified(right, () => ({})),
  );
  const statement = { ...falsified(await settle(second, [], right.balances), () => ({})), round: 2 };
  const signed = await rewards.connect(honest).proposeRewards.populateTransaction(second.proposal, statement);

  await restore();
  const wrong = right.balances.map(() => newBalance).with(0, { cumulativeGwei: 1n, reputation: 0 });
  await state(
    { ...scored, proposer: attacker },
    falsified(right, () => ({ pageRoots: buildBalancesTree(wrong).pages.map(merkleRoot) })),
  );
  await attempts.take('the statement as it was signed', () => honest.sendTransaction(signed));
  await refute(scored, statement, wrong, attempts);
  return { attempts, outcome: { bondedWei: await stake.bondedWei(federation, honest.address) } };
}

/** Where round 2 was stated: by the page of the balances before it. */
async function refute(scored: Scored, statement: StatementArgument, before: readonly Balance[], attempts: Attempts) {
  const { rewards, rewardChallenges, stranger } = scored;
  const [stated] = await rewards.queryFilter(rewards.filters.RewardsProposed(2));
  if (!stated) return;
  const facts = (stated.args.facts as unknown as Result).toObject() as RewardFactsStruct;
  await attempts.take('refutation', () =>
    rewardChallenges.connect(stranger).refuteBalances(rewards, facts, statement, 0, toHex(pageBytes(before, 0)), []),
  );
}

/** Voters have decided to restore balances, and anybody carries that out: just before an honest statement is mined. */
async function attackByVote(scored: Scored) {
  const { rewards, policy, federation, stake, time } = scored;
  const attempts = new Attempts();
  const second = await play(scored);
  const right = await settle(scored, []);
  await state(
    scored,
    falsified(right, () => ({})),
  );
  await time.increase(parameters.challengeSeconds);
  await rewards.finalizeRewards(1);
  const statement = { ...falsified(await settle(second, [], right.balances), () => ({})), round: 2 };
  await policy.restoreBalances(0, 0);
  await attempts.take('the statement as it was computed', () => state(second, statement));
  await refute(scored, statement, [], attempts);
  return { attempts, outcome: { bondedWei: await stake.bondedWei(federation, second.proposer.address) } };
}

describe('Attack: other balances under a reward statement', () => {
  it('by a reorganisation cost no honest aggregator its bond', async () => {
    const asItMustBe = { bondedWei: aggregatorBondWei };
    const { attempts, outcome } = await attackAnHonestStatement(await stageScored(0));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });

  it('by a vote that is carried out in between cost no honest aggregator its bond', async () => {
    const asItMustBe = { bondedWei: aggregatorBondWei };
    const { attempts, outcome } = await attackByVote(await stageScored(0));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
