/** What becomes of a round when the 64th after it takes its place. */
import { expect } from 'chai';
import { id } from 'ethers';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { timeCommitment } from '../../../client/core/rewards/scores.ts';
import { rewardParameters } from '../deployment.ts';
import {
  enlist,
  finalizeAll,
  type Proposed,
  playFinal,
  propose,
  script,
  settle,
  settleSeconds,
  show,
  stateAll,
  unchanged,
  voidStated,
} from './scripted.ts';
import { claimOf, rootOf, salt, state } from './settledRound.ts';

const rounds = 64;
const scores = [5];
const bond = { value: rewardParameters.demandBondWei };
const timed = ({ proposedAt }: Proposed) => toHex(timeCommitment(fromHex(id('scores')), proposedAt));

describe('the place of a round 64 rounds ago', () => {
  it('is kept while its rewards are not final, and free afterwards', async () => {
    const scripted = await script();
    const { rewards, proposer } = scripted;
    const stated = await stateAll(await playFinal(scripted, 1, rounds));
    const [next] = await playFinal(scripted, rounds + 1, rounds + 1);
    const before = stated.at(-1)!.settlement.balances;
    const settlement = await settle(next!, before);
    await expect(rewards.connect(proposer).proposeRewards(next!.proposal, unchanged(settlement)))
      .to.be.revertedWithCustomError(rewards, 'RewardsInFlight')
      .withArgs(1n);
    await rewards.finalizeRewards(1);
    expect((await rewards.rewardOf(1)).round).to.equal(1n);
    const { facts } = await state(next!, unchanged(settlement));
    expect(facts.previousRound).to.equal(BigInt(rounds));

    expect((await rewards.rewardOf(1)).round).to.equal(0n);
    expect((await rewards.rewardOf(rounds + 1)).previousRound).to.equal(BigInt(rounds));
    await expect(rewards.finalizeRewards(1)).to.be.revertedWithCustomError(rewards, 'NotStated');
    await expect(voidStated(scripted, stated[0]!)).to.be.revertedWithCustomError(rewards, 'NotStated');
    await expect(
      rewards.connect(proposer).restateRewards(stated[0]!.facts, stated[0]!.statement),
    ).to.be.revertedWithCustomError(rewards, 'NotVoided');
    // what is final is claimed all the same
    const { cumulativeGwei, reputation, path } = claimOf(stated[0]!.settlement, 0);
    await rewards.connect(proposer).claim(proposer.address, cumulativeGwei, reputation, path);
    await finalizeAll(scripted, 2, rounds + 1);
    expect((await rewards.finalBalances()).balancesRoot).to.equal(toHex(settlement.balancesRoot));
  });

  it('may be taken though the next reward statement stands on the final one that stood there', async () => {
    const scripted = await script();
    const [first] = await playFinal(scripted, 1, 1);
    const [stated] = await stateAll([first!]);
    await finalizeAll(scripted, 1, 1);
    // nobody stated the rounds between, and the federation has forgotten them
    const [later] = await playFinal(scripted, rounds + 1, rounds + 1);
    const statement = unchanged(await settle(later!, stated!.settlement.balances));
    await voidStated(scripted, await state(later!, statement));
    const { facts } = await state(later!, statement);
    expect(facts.previousRound).to.equal(1n);
    expect(statement.previousBalancesRoot).to.equal(toHex(stated!.settlement.balancesRoot));
    expect((await scripted.rewards.rewardOf(1)).round).to.equal(0n);
    await finalizeAll(scripted, rounds + 1, rounds + 1);
    expect((await scripted.rewards.rewardHead()).finalRound).to.equal(BigInt(rounds + 1));
  });

  /** The evaluators have stake enough to stay when some is taken. Round 1, scored, demanded of the first and not answered; its rewards are final. Round 65 is proposed. */
  async function forgotten(before: (first: Proposed, evaluator: string) => Promise<unknown>) {
    const scripted = await script();
    const { rewards, time, federation } = scripted;
    const evaluators = await enlist(scripted, 2, 200n);
    const first = await propose(scripted, 1);
    await show(first, evaluators, scores);
    const [evaluator] = evaluators;
    await rewards.connect(scripted.stranger).demandScores(1, evaluator!.address, bond);
    await before(first, evaluator!.address);
    await time.increaseTo(first.proposedAt + settleSeconds);
    await federation.finalize(1);
    const next = await propose(scripted, rounds + 1);
    await expect(rewards.connect(evaluator!).commitScores(rounds + 1, timed(next)))
      .to.be.revertedWithCustomError(rewards, 'ScoresStillNeeded')
      .withArgs(1n);
    await stateAll([first]);
    await finalizeAll(scripted, 1, 1);
    return { scripted, first, evaluator: evaluator!, next: await propose(scripted, rounds + 1) };
  }

  it('is taken from scores that were demanded, and the bond goes back, once', async () => {
    const { scripted, first, evaluator, next } = await forgotten(async () => {});
    const { rewards, stranger, ethers } = scripted;
    await rewards.connect(evaluator).commitScores(rounds + 1, timed(next));
    expect(await rewards.owedWei(stranger.address)).to.equal(bond.value);
    const old = [1, evaluator.address] as const;
    await expect(rewards.forfeit(...old)).to.be.revertedWithCustomError(rewards, 'NotCommitted');
    await expect(rewards.demandScores(...old, bond)).to.be.revertedWithCustomError(rewards, 'NotCommitted');
    await expect(rewards.publishScores(...old, salt, '0x0005')).to.be.revertedWithCustomError(rewards, 'NotCommitted');
    await expect(rewards.connect(evaluator).revealScores(1, rootOf(scores))).to.be.revertedWithCustomError(
      rewards,
      'NotCommitted',
    );
    expect(await rewards.counts(1, first.proposedAt, evaluator.address, rootOf(scores))).to.equal(false);
    await expect(rewards.isDrawn(1, evaluator.address)).to.be.revertedWithCustomError(rewards, 'RoundNotProposed');
    await expect(rewards.connect(stranger).claimOwed()).to.changeEtherBalance(ethers, stranger, bond.value);
    expect(await ethers.provider.getBalance(rewards)).to.equal(0n);
  });

  it('does not give a bond back again that publication has paid from', async () => {
    const publish = ({ rewards, stranger }: Proposed, evaluator: string) =>
      rewards.connect(stranger).publishScores(1, evaluator, salt, '0x0005');
    const { scripted, evaluator, next } = await forgotten(publish);
    const { rewards, stranger, ethers } = scripted;
    expect(await rewards.owedWei(stranger.address)).to.equal(bond.value);
    await rewards.connect(evaluator).commitScores(rounds + 1, timed(next));
    expect(await rewards.owedWei(stranger.address)).to.equal(bond.value);
    expect(await ethers.provider.getBalance(rewards)).to.equal(bond.value);
  });

  it('does not give a bond back again that a forfeit gave back', async () => {
    const { scripted, evaluator, next } = await forgotten(async () => {});
    const { rewards, stranger, ethers } = scripted;
    await rewards.connect(stranger).forfeit(1, evaluator.address);
    expect(await rewards.owedWei(stranger.address)).to.equal(bond.value);
    await rewards.connect(evaluator).commitScores(rounds + 1, timed(next));
    expect(await rewards.owedWei(stranger.address)).to.equal(bond.value);
    expect(await ethers.provider.getBalance(rewards)).to.equal(bond.value);
  });
});
