/** Parameters of rewards that are voted on, and ejected evaluators: what has begun ends as it began. */
import { expect } from 'chai';
import type { BigNumberish } from 'ethers';
import { aggregatorBondWei, rewardParameters } from '../deployment.ts';
import { playRound } from '../round.ts';
import {
  commitAll,
  commitmentOf,
  finalize,
  joinAsEvaluator,
  rootOf,
  type Scored,
  score,
  settle,
  stageScored,
  state,
  statementArgument,
  toReveal,
} from './settledRound.ts';

const scores = [900, 400, -100];
const table = [scores, scores, scores];
const { scoringSeconds, revealSeconds, evaluatorStakeWei, unbondingSeconds, rewardGwei } = rewardParameters;
const forfeitWei = evaluatorStakeWei / 10n;

async function choose({ policy, ethers }: Scored, name: keyof typeof rewardParameters, value: BigNumberish) {
  return await policy.setRewardParameter(ethers.encodeBytes32String(name), value);
}

/** Rounds 1 and 2 began under the old parameters, round 3 does under the new ones. */
const changes = {
  scoringSeconds: 50,
  revealSeconds: 40,
  publishSeconds: 30,
  committeeSize: 1,
  rewardGwei: 7n,
  aggregatorBasisPoints: 5000,
  evaluatorBasisPoints: 5000,
  missedRevealBasisPoints: 10_000,
  evaluatorStakeWei: 2n * evaluatorStakeWei,
  demandBondWei: 5n,
} as const;

async function changeAll(scored: Scored): Promise<void> {
  for (const [name, value] of Object.entries(changes)) await choose(scored, name as keyof typeof changes, value);
}

/** All trainers submit to the open round, and it is proposed. */
async function nextProposal(scored: Scored): Promise<Scored> {
  const { proposal } = await playRound(scored.federation, scored.trainers, scored.aggregators);
  const record = await scored.federation.proposalOf(proposal.round);
  return { ...scored, proposedAt: Number(record.proposedAt) };
}

/** Nobody submits to the open round. */
async function skip({ federation, time }: Scored): Promise<void> {
  const { round } = await federation.clock();
  await time.increase(2 * 1000 + 2 * 100);
  await federation.skipRound(round);
}

/** Round 1 is stated, and its statement final. */
async function reward(scored: Scored): Promise<void> {
  const settlement = await settle(scored, table);
  await state(scored, statementArgument(settlement.statement));
  await scored.time.increase(500);
  await scored.rewards.finalizeRewards(1);
}

describe('a change of the parameters', () => {
  it('is made by the policy only', async () => {
    const { rewards, stranger } = await stageScored(1);
    for (const refused of [
      rewards.connect(stranger).setParameters(rewardParameters),
      rewards.connect(stranger).eject(stranger.address),
    ]) {
      await expect(refused).to.be.revertedWithCustomError(rewards, 'NotThePolicy').withArgs(stranger.address);
    }
  });

  it('is refused out of its bounds, with the name of the parameter', async () => {
    const scored = await stageScored(1);
    await expect(choose(scored, 'publishSeconds', 101))
      .to.be.revertedWithCustomError(scored.policy, 'ParameterOutOfBounds')
      .withArgs('publishSeconds', 101, 1, 100);
    await choose(scored, 'publishSeconds', 99);
    expect((await scored.rewards.rewardParameters()).publishSeconds).to.equal(99n);
  });

  it('says from which round on it holds, and the later of two before that round holds', async () => {
    const scored = await stageScored(1);
    const { rewards } = scored;
    await expect(choose(scored, 'rewardGwei', 5n)).to.emit(rewards, 'RewardParametersChanged');
    await choose(scored, 'rewardGwei', 7n);
    const said = await rewards.queryFilter(rewards.filters.RewardParametersChanged());
    expect(said.map(({ args }) => [args.fromRound, args.parameters.rewardGwei])).to.deep.equal([
      [1n, rewardGwei],
      [3n, 5n],
      [3n, 7n],
    ]);
  });

  it('leaves a round in flight its windows, committee, shares and forfeits', async () => {
    const scored = await stageScored(3);
    const { rewards, stake, time, evaluators, proposedAt, stranger } = scored;
    const [, , silent] = evaluators;
    await changeAll(scored);
    await rewards.openScoring(1);
    for (const { address } of evaluators) expect(await rewards.isDrawn(1, address)).to.equal(true);
    await time.increaseTo(proposedAt + scoringSeconds - 10);
    await commitAll(scored, table);
    await toReveal(scored);
    await time.increaseTo(proposedAt + scoringSeconds + revealSeconds - 10);
    for (const evaluator of evaluators.slice(0, 2)) await rewards.connect(evaluator).revealScores(1, rootOf(scores));
    await expect(rewards.forfeit(1, silent!.address))
      .to.be.revertedWithCustomError(rewards, 'NotYet')
      .withArgs(proposedAt + scoringSeconds + revealSeconds);
    await time.increaseTo(proposedAt + scoringSeconds + revealSeconds);
    const before = await stake.bondedWei(rewards, silent!.address);
    await rewards.connect(stranger).forfeit(1, silent!.address);
    expect(before - (await stake.bondedWei(rewards, silent!.address))).to.equal(forfeitWei);

    await finalize(scored);
    const { facts } = await state(scored, statementArgument((await settle(scored, table.slice(0, 2))).statement));
    const fee = rewardGwei / 10n;
    expect([facts.feeGwei, facts.evaluatorPotGwei]).to.deep.equal([fee, 2n * fee]);
    expect(facts.trainerPotGwei).to.equal(rewardGwei - 3n * fee);
  });

  it('holds for the rounds that open after it', async () => {
    const first = await stageScored(1);
    await changeAll(first);
    const second = await nextProposal(first);
    const third = await nextProposal(first);
    const { rewards, evaluators, time, stake, stranger } = first;
    const [evaluator] = evaluators;
    const commitment = await commitmentOf(third, evaluator!.address, scores, 3);
    await rewards.connect(evaluator!).commitScores(3, commitment);
    await time.increaseTo(third.proposedAt + changes.scoringSeconds);
    await rewards.connect(evaluator!).commitScores(2, await commitmentOf(second, evaluator!.address, scores, 2));
    await time.increaseTo(third.proposedAt + changes.scoringSeconds + changes.revealSeconds);
    await expect(rewards.connect(evaluator!).revealScores(3, rootOf(scores)))
      .to.be.revertedWithCustomError(rewards, 'TooLate')
      .withArgs(third.proposedAt + changes.scoringSeconds + changes.revealSeconds);
    await rewards.connect(stranger).forfeit(3, evaluator!.address);
    expect(await stake.bondedWei(rewards, evaluator!.address)).to.equal(0n);
    await time.increaseTo(second.proposedAt + scoringSeconds);
    await rewards.connect(evaluator!).revealScores(2, rootOf(scores));
  });

  it('waits until all rounds from before the last one are rewarded, skipped or void', async () => {
    const scored = await stageScored(3);
    const { rewards } = scored;
    await choose(scored, 'rewardGwei', 5n);
    await score(scored, table);
    await skip(scored);
    const inFlight = async () =>
      await expect(choose(scored, 'rewardGwei', 7n))
        .to.be.revertedWithCustomError(rewards, 'ChangeInFlight')
        .withArgs(3n);
    await inFlight();
    await state(scored, statementArgument((await settle(scored, table)).statement));
    await inFlight();
    await scored.time.increase(500);
    await rewards.finalizeRewards(1);
    await expect(choose(scored, 'rewardGwei', 7n)).to.emit(rewards, 'RewardParametersChanged');
  });

  it('after another leaves every round what it began with', async () => {
    const scored = await stageScored(3);
    const { rewards, stake, time, evaluators } = scored;
    const silent = evaluators[2]!;
    await choose(scored, 'missedRevealBasisPoints', 2_000);
    await commitAll(scored, table);
    await toReveal(scored);
    for (const evaluator of evaluators.slice(0, 2)) await rewards.connect(evaluator).revealScores(1, rootOf(scores));
    await finalize(scored);
    await skip(scored);
    await state(scored, statementArgument((await settle(scored, table.slice(0, 2))).statement));
    await time.increase(500);
    await rewards.finalizeRewards(1);
    await choose(scored, 'missedRevealBasisPoints', 3_000);
    await rewards.forfeit(1, silent.address);
    expect(await stake.bondedWei(rewards, silent.address)).to.equal(evaluatorStakeWei - forfeitWei);
  });
});

describe('the stake of evaluators', () => {
  it('raised, costs nobody its place in rounds that began before', async () => {
    const scored = await stageScored(3);
    const { rewards, policy, stake, accounts, evaluators } = scored;
    const [evaluator] = evaluators;
    await choose(scored, 'evaluatorStakeWei', evaluatorStakeWei + 1n);
    expect(await rewards.requiredStakeWei(evaluator!.address)).to.equal(evaluatorStakeWei + 1n);
    await expect(policy.reportUnderstaked(evaluator!.address))
      .to.be.revertedWithCustomError(rewards, 'ChangeInFlight')
      .withArgs(3n);
    await expect(joinAsEvaluator(scored, accounts[15]!)).to.be.revertedWithCustomError(stake, 'InsufficientStake');
    await score(scored, table);
    await skip(scored);
    await reward(scored);
    await policy.reportUnderstaked(evaluator!.address);
    expect(await rewards.isEvaluator(evaluator!.address)).to.equal(false);
  });

  it('lowered, is kept until the rounds that began before are rewarded', async () => {
    const scored = await stageScored(3);
    const { rewards, stake, evaluators } = scored;
    const unbond = () => stake.connect(evaluators[0]!).requestUnbond(rewards, 1n);
    await choose(scored, 'evaluatorStakeWei', evaluatorStakeWei - 1n);
    await expect(unbond())
      .to.be.revertedWithCustomError(stake, 'StakeRequired')
      .withArgs(evaluatorStakeWei - 1n, evaluatorStakeWei);
    await score(scored, table);
    await skip(scored);
    await reward(scored);
    await unbond();
  });

  it('unbonds as long as the stricter of both asks', async () => {
    const scored = await stageScored(3);
    const { rewards } = scored;
    await choose(scored, 'unbondingSeconds', 5 * unbondingSeconds);
    expect(await rewards.unbondingSeconds()).to.equal(BigInt(5 * unbondingSeconds));
    await choose(scored, 'scoringSeconds', scoringSeconds - 1);
    await choose(scored, 'unbondingSeconds', unbondingSeconds + 1);
    await score(scored, table);
    await skip(scored);
    await reward(scored);
    await choose(scored, 'unbondingSeconds', unbondingSeconds);
    expect(await rewards.unbondingSeconds()).to.equal(BigInt(unbondingSeconds + 1));
  });
});

describe('the stake of aggregators', () => {
  it('answers for statements of rounds from before unbonding was shortened, until those are final', async () => {
    const scored = await stageScored(3);
    const { ethers, federation, policy, rewards, stake, time, proposer } = scored;
    await choose(scored, 'scoringSeconds', 5);
    await choose(scored, 'revealSeconds', 5);
    await choose(scored, 'publishSeconds', 5);
    const shorter = { answerSeconds: 1, challengeSeconds: 20, turnSeconds: 1, unbondingSeconds: 51 };
    for (const [name, value] of Object.entries(shorter)) {
      await policy.setFederationParameter(ethers.encodeBytes32String(name), value);
    }
    const { statement } = await score(scored, table);
    await skip(scored);
    expect((await federation.parameters()).unbondingSeconds).to.equal(51n);
    await state(scored, statementArgument(statement));
    const { closesAt } = await rewards.rewardOf(1);
    await federation.connect(proposer).leaveAsAggregator();
    await stake.connect(proposer).requestUnbond(federation, aggregatorBondWei);
    await time.increase(100);
    expect(await time.latest()).to.be.below(Number(closesAt));
    await expect(stake.connect(proposer).withdraw(federation)).to.be.revertedWithCustomError(stake, 'StillUnbonding');
    await time.increaseTo(closesAt);
    await rewards.finalizeRewards(1);
    expect(await federation.unbondingSeconds()).to.equal(51n);
  });
});

describe('an ejected evaluator', () => {
  it('does not come back while it is barred', async () => {
    const scored = await stageScored(1);
    const { rewards, policy, accounts } = scored;
    const barred = accounts[15]!;
    await policy.eject(barred.address);
    await expect(joinAsEvaluator(scored, barred))
      .to.be.revertedWithCustomError(rewards, 'Barred')
      .withArgs(barred.address);
    await policy.readmit(barred.address);
    await rewards.connect(barred).joinAsEvaluator();
  });

  it('is no evaluator from the boundary on; what it has committed to counts, or costs its stake', async () => {
    const scored = await stageScored(3);
    const { rewards, policy, stake, evaluators, federation, stranger } = scored;
    const [shown, , silent] = evaluators;
    const ejected = [shown!.address, silent!.address, stranger.address];
    for (const account of ejected) await policy.eject(account);
    await commitAll(scored, table);
    await toReveal(scored);
    for (const evaluator of evaluators.slice(0, 2)) await rewards.connect(evaluator).revealScores(1, rootOf(scores));
    expect(await rewards.evaluatorCount()).to.equal(3n);

    await finalize(scored);
    await skip(scored);
    const { round } = await federation.clock();
    expect(round).to.equal(3n);
    expect(await rewards.evaluatorCount()).to.equal(1n);
    for (const account of ejected) expect(await rewards.isEvaluator(account)).to.equal(false);

    await rewards.connect(stranger).forfeit(1, silent!.address);
    expect(await stake.bondedWei(rewards, silent!.address)).to.equal(evaluatorStakeWei - forfeitWei);
    await state(scored, statementArgument((await settle(scored, table.slice(0, 2))).statement));
    await stake.connect(shown!).requestUnbond(rewards, evaluatorStakeWei);
  });
});
