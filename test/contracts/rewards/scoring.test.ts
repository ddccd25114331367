/** Accounts, evaluators, and scores from the commitment to the reveal: rejects, then success. */
import { expect } from 'chai';
import { id, ZeroAddress } from 'ethers';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { timeCommitment } from '../../../client/core/rewards/scores.ts';
import { rewardParameters, trainerStakeWei } from '../deployment.ts';
import {
  commitAll,
  commitmentOf,
  finalize,
  joinAsEvaluator,
  revealAll,
  rootOf,
  type Scored,
  salt,
  stageScored,
  toReveal,
} from './settledRound.ts';

const scores = [900, 400, -100];
const table = [scores, scores, scores];
const { scoringSeconds, revealSeconds, publishSeconds, demandBondWei, evaluatorStakeWei } = rewardParameters;
const forfeitWei = evaluatorStakeWei / 10n;
/** Some commitment to scores of the round's proposal. */
const timed = ({ proposedAt }: Scored, seed: string) => toHex(timeCommitment(fromHex(id(seed)), proposedAt));

describe('accounts', () => {
  it('are enrolled once, each at the next place', async () => {
    const { rewards, trainers } = await stageScored(1);
    await expect(rewards.connect(trainers[0]!).enrol(trainers[0]!.address)).to.be.revertedWithCustomError(
      rewards,
      'AlreadyEnrolled',
    );
    expect((await rewards.accountOf(trainers[2]!.address)).number).to.equal(3n);
  });

  it('have a payee other than the zero address, set by the account or the payee', async () => {
    const { rewards, trainers, stranger, accounts } = await stageScored(1);
    const [trainer] = trainers;
    await expect(rewards.connect(stranger).enrol(ZeroAddress)).to.be.revertedWithCustomError(rewards, 'ZeroAddress');
    await expect(rewards.connect(stranger).enrol(stranger.address))
      .to.be.revertedWithCustomError(rewards, 'InsufficientStake')
      .withArgs(0n, trainerStakeWei);
    await expect(rewards.connect(trainer!).setPayee(trainer!.address, ZeroAddress)).to.be.revertedWithCustomError(
      rewards,
      'ZeroAddress',
    );
    await expect(rewards.connect(stranger).setPayee(trainer!.address, stranger.address))
      .to.be.revertedWithCustomError(rewards, 'NotAccountOrPayee')
      .withArgs(stranger.address, trainer!.address);
    await expect(rewards.setPayee(id('nobody').slice(0, 42), stranger.address)).to.be.revertedWithCustomError(
      rewards,
      'NotEnrolled',
    );
    await rewards.connect(trainer!).setPayee(trainer!.address, stranger.address);
    await rewards.connect(stranger).setPayee(trainer!.address, accounts[0]!.address);
    expect((await rewards.accountOf(trainer!.address)).payee).to.equal(accounts[0]!.address);
  });
});

describe('evaluators', () => {
  it('need an account and their stake, and join once', async () => {
    const scored = await stageScored(1);
    const { rewards, stranger, evaluators, trainers } = scored;
    await expect(rewards.connect(stranger).joinAsEvaluator()).to.be.revertedWithCustomError(rewards, 'NotEnrolled');
    await expect(rewards.connect(trainers[0]!).joinAsEvaluator()).to.be.revertedWithCustomError(
      scored.stake,
      'InsufficientStake',
    );
    await expect(rewards.connect(evaluators[0]!).joinAsEvaluator()).to.be.revertedWithCustomError(
      rewards,
      'AlreadyAnEvaluator',
    );
  });

  it('keep their stake while they are evaluators, and get it back afterwards', async () => {
    const { rewards, stake, token, time, evaluators } = await stageScored(1);
    const evaluator = evaluators[0]!;
    await expect(stake.connect(evaluator).requestUnbond(rewards, 1n)).to.be.revertedWithCustomError(
      stake,
      'StakeRequired',
    );
    await rewards.connect(evaluator).leaveAsEvaluator();
    await expect(rewards.connect(evaluator).leaveAsEvaluator()).to.be.revertedWithCustomError(
      rewards,
      'NotAnEvaluator',
    );
    await stake.connect(evaluator).requestUnbond(rewards, evaluatorStakeWei);
    await expect(stake.connect(evaluator).withdraw(rewards)).to.be.revertedWithCustomError(stake, 'StillUnbonding');
    await time.increase(rewardParameters.unbondingSeconds);
    await stake.connect(evaluator).withdraw(rewards);
    expect(await token.balanceOf(evaluator.address)).to.equal(evaluatorStakeWei);
  });

  it('that join after a proposal cannot score it', async () => {
    const scored = await stageScored(1);
    const late = scored.accounts[15]!;
    await joinAsEvaluator(scored, late);
    const commitment = await commitmentOf(scored, late.address, scores);
    await expect(scored.rewards.connect(late).commitScores(1, commitment)).to.be.revertedWithCustomError(
      scored.rewards,
      'NotAnEvaluator',
    );
  });

  it('are drawn by lot where there are more than seats', async () => {
    const scored = await stageScored(8, {}, { committeeSize: 2 });
    const { rewards, evaluators } = scored;
    await rewards.openScoring(1);
    const drawn = await Promise.all(evaluators.map(({ address }) => rewards.isDrawn(1, address)));
    expect(drawn).to.include(false);
    for (const [index, evaluator] of evaluators.entries()) {
      const commit = rewards.connect(evaluator).commitScores(1, timed(scored, 'scores'));
      if (drawn[index]) await commit;
      else await expect(commit).to.be.revertedWithCustomError(rewards, 'NotDrawn');
    }
  });
});

describe('scores', () => {
  it('of a round that is not proposed are refused', async () => {
    const { rewards, evaluators } = await stageScored(1);
    for (const round of [0, 2]) {
      const commit = rewards.connect(evaluators[0]!).commitScores(round, id('scores'));
      await expect(commit).to.be.revertedWithCustomError(rewards, 'RoundNotProposed').withArgs(round);
    }
  });

  it('are opened until the last second in which they may be committed to', async () => {
    const { rewards, time, proposedAt, networkHelpers } = await stageScored(1);
    const closedAt = proposedAt + scoringSeconds;
    const { restore } = await networkHelpers.takeSnapshot();
    await time.setNextBlockTimestamp(closedAt);
    await expect(rewards.openScoring(1)).to.be.revertedWithCustomError(rewards, 'ScoringClosed').withArgs(1n, closedAt);
    await restore();
    await time.setNextBlockTimestamp(closedAt - 1);
    await expect(rewards.openScoring(1)).to.emit(rewards, 'ScoringOpened');
  });

  it('are committed to once and in time', async () => {
    const scored = await stageScored(2);
    const { rewards, evaluators, time, proposedAt } = scored;
    await rewards.connect(evaluators[0]!).commitScores(1, timed(scored, 'scores'));
    await expect(
      rewards.connect(evaluators[0]!).commitScores(1, timed(scored, 'others')),
    ).to.be.revertedWithCustomError(rewards, 'AlreadyCommitted');
    await time.increaseTo(proposedAt + scoringSeconds);
    await expect(rewards.connect(evaluators[1]!).commitScores(1, timed(scored, 'scores')))
      .to.be.revertedWithCustomError(rewards, 'ScoringClosed')
      .withArgs(1n, proposedAt + scoringSeconds);
  });

  it('of another proposal than the one that stands are refused', async () => {
    const scored = await stageScored(1);
    const { rewards, evaluators, proposedAt } = scored;
    await expect(
      rewards.connect(evaluators[0]!).commitScores(1, timed({ ...scored, proposedAt: proposedAt - 1 }, 'scores')),
    )
      .to.be.revertedWithCustomError(rewards, 'AnotherProposal')
      .withArgs(1n);
  });

  it('are shown in their window, once, and as they were committed to', async () => {
    const scored = await stageScored(3);
    const { rewards, evaluators, time, proposedAt } = scored;
    await commitAll(scored, [scores, scores]);
    const [first, second, third] = evaluators;
    await expect(rewards.connect(first!).revealScores(1, rootOf(scores))).to.be.revertedWithCustomError(
      rewards,
      'NotYet',
    );
    await toReveal(scored);
    await expect(rewards.connect(first!).revealScores(1, rootOf([1, 2, 3]))).to.be.revertedWithCustomError(
      rewards,
      'OtherScores',
    );
    await expect(rewards.connect(third!).revealScores(1, rootOf(scores))).to.be.revertedWithCustomError(
      rewards,
      'NotCommitted',
    );
    await rewards.connect(first!).revealScores(1, rootOf(scores));
    await expect(rewards.connect(first!).revealScores(1, rootOf(scores))).to.be.revertedWithCustomError(
      rewards,
      'AlreadyRevealed',
    );
    await time.increaseTo(proposedAt + scoringSeconds + revealSeconds);
    await expect(rewards.connect(second!).revealScores(1, rootOf(scores))).to.be.revertedWithCustomError(
      rewards,
      'TooLate',
    );
  });

  it("cannot be shown under another's commitment", async () => {
    const scored = await stageScored(2);
    const { rewards, evaluators } = scored;
    const [honest, copycat] = evaluators;
    const commitment = await commitmentOf(scored, honest!.address, scores);
    await rewards.connect(honest!).commitScores(1, commitment);
    await rewards.connect(copycat!).commitScores(1, commitment);
    await toReveal(scored);
    await rewards.connect(honest!).revealScores(1, rootOf(scores));
    await expect(rewards.connect(copycat!).revealScores(1, rootOf(scores))).to.be.revertedWithCustomError(
      rewards,
      'OtherScores',
    );
  });

  it('that are never shown cost a part of the stake, once', async () => {
    const scored = await stageScored(1);
    const { rewards, stake, evaluators, stranger, time, proposedAt } = scored;
    const evaluator = evaluators[0]!.address;
    await expect(rewards.forfeit(1, evaluator)).to.be.revertedWithCustomError(rewards, 'NotCommitted');
    await commitAll(scored, [scores]);
    await expect(rewards.forfeit(1, evaluator)).to.be.revertedWithCustomError(rewards, 'NotYet');
    await time.increaseTo(proposedAt + scoringSeconds + revealSeconds);
    await rewards.connect(stranger).forfeit(1, evaluator);
    await expect(rewards.forfeit(1, evaluator)).to.be.revertedWithCustomError(rewards, 'NothingForfeited');
    expect(await stake.bondedWei(rewards, evaluator)).to.equal(evaluatorStakeWei - forfeitWei);
    expect(await stake.owedWei(stranger.address)).to.equal(forfeitWei / 2n);
    // what is left is too little
    expect(await rewards.isEvaluator(evaluator)).to.equal(false);
  });

  it('that are shown cost nothing', async () => {
    const scored = await stageScored(1);
    await commitAll(scored, [scores]);
    await revealAll(scored, [scores]);
    await finalize(scored);
    await expect(scored.rewards.forfeit(1, scored.evaluators[0]!.address)).to.be.revertedWithCustomError(
      scored.rewards,
      'NothingForfeited',
    );
  });

  it('are shown and committed to in one transaction', async () => {
    const scored = await stageScored(1);
    const { rewards, evaluators } = scored;
    await commitAll(scored, [scores]);
    await toReveal(scored);
    const both = rewards.connect(evaluators[0]!).revealAndCommit(1, rootOf(scores), 2, id('scores'));
    await expect(both).to.be.revertedWithCustomError(rewards, 'RoundNotProposed');
  });
});

describe('scores that are demanded', () => {
  let scored: Scored;
  const bond = { value: demandBondWei };
  const bytes = () => `0x${scores.map((score) => (score & 0xffff).toString(16).padStart(4, '0')).join('')}`;
  beforeEach(async () => {
    scored = await stageScored(3);
    await commitAll(scored, table);
    await revealAll(scored, table);
  });

  it('need a bond, and are demanded in time, once, and only where they were shown', async () => {
    const { rewards, evaluators, stranger, time, proposedAt } = scored;
    const [first, second] = evaluators;
    const demand = rewards.connect(stranger);
    for (const value of [0n, demandBondWei - 1n, demandBondWei + 1n]) {
      await expect(demand.demandScores(1, first!.address, { value }))
        .to.be.revertedWithCustomError(rewards, 'WrongBond')
        .withArgs(value, demandBondWei);
    }
    await expect(demand.demandScores(1, stranger.address, bond)).to.be.revertedWithCustomError(rewards, 'NotCommitted');
    await demand.demandScores(1, first!.address, bond);
    await expect(demand.demandScores(1, first!.address, bond)).to.be.revertedWithCustomError(
      rewards,
      'AlreadyDemanded',
    );
    await time.increaseTo(proposedAt + scoringSeconds + revealSeconds + publishSeconds);
    await expect(demand.demandScores(1, second!.address, bond)).to.be.revertedWithCustomError(rewards, 'TooLate');
  });

  it('are published by whoever has them, who is paid what it costs, and no more', async () => {
    const { rewards, evaluators, stranger, trainers, proposedAt } = scored;
    const { address } = evaluators[0]!;
    await expect(rewards.publishScores(1, address, salt, bytes())).to.be.revertedWithCustomError(
      rewards,
      'NotDemanded',
    );
    await rewards.connect(stranger).demandScores(1, address, bond);
    await expect(rewards.publishScores(1, address, salt, '0x0001')).to.be.revertedWithCustomError(
      rewards,
      'OtherScores',
    );
    const publisher = rewards.connect(trainers[0]!);
    const published = await (await publisher.publishScores(1, address, salt, bytes())).wait();
    expect(await rewards.counts(1, proposedAt, address, rootOf(scores))).to.equal(true);
    await expect(rewards.connect(stranger).demandScores(1, address, bond)).to.be.revertedWithCustomError(
      rewards,
      'AlreadyDemanded',
    );
    const paidWei = await rewards.owedWei(trainers[0]!.address);
    expect(paidWei).to.be.within(1n, published!.gasUsed * published!.gasPrice);
    expect(await rewards.owedWei(stranger.address)).to.equal(demandBondWei - paidWei);
    await expect(publisher.claimOwed()).to.changeEtherBalance(scored.ethers, trainers[0]!, paidWei);
    await expect(publisher.claimOwed()).to.be.revertedWithCustomError(rewards, 'NothingOwed');
  });

  it('leave a payment owed to an account that refuses it until it takes it', async () => {
    const { rewards, ethers, evaluators, time, proposedAt } = scored;
    const { address } = evaluators[0]!;
    const account = await ethers.deployContract('ContractAccount');
    const call = (data: string, value = 0n) => account.execute(rewards, data, { value });
    await call(rewards.interface.encodeFunctionData('demandScores', [1, address]), demandBondWei);
    await time.increaseTo(proposedAt + scoringSeconds + revealSeconds + 2 * publishSeconds);
    await rewards.forfeit(1, address);
    const claim = rewards.interface.encodeFunctionData('claimOwed');
    await account.refuse(true);
    await expect(call(claim))
      .to.be.revertedWithCustomError(account, 'CallFailed')
      .withArgs(rewards.interface.encodeErrorResult('PaymentRefused', [await account.getAddress()]));
    expect(await rewards.owedWei(account)).to.equal(demandBondWei);
    await account.refuse(false);
    await expect(call(claim)).to.changeEtherBalance(ethers, account, demandBondWei);
    expect(await rewards.owedWei(account)).to.equal(0);
  });

  it('and never published do not count, cost stake, and the bond goes back', async () => {
    const { rewards, stake, evaluators, stranger, time, proposedAt } = scored;
    const { address } = evaluators[0]!;
    await rewards.connect(stranger).demandScores(1, address, bond);
    await expect(rewards.forfeit(1, address)).to.be.revertedWithCustomError(rewards, 'NotYet');
    await time.increaseTo(proposedAt + scoringSeconds + revealSeconds + 2 * publishSeconds);
    await expect(rewards.publishScores(1, address, salt, bytes())).to.be.revertedWithCustomError(rewards, 'TooLate');
    expect(await rewards.counts(1, proposedAt, address, rootOf(scores))).to.equal(false);
    await rewards.forfeit(1, address);
    expect(await rewards.owedWei(stranger.address)).to.equal(demandBondWei);
    expect(await stake.bondedWei(rewards, address)).to.equal(evaluatorStakeWei - forfeitWei);
  });
});
