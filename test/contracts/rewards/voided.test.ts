/** What a void leaves: of a proposal whose scores were committed to, and of a statement that others stand on. */
import { expect } from 'chai';
import { id } from 'ethers';
import { toHex } from '../../../client/core/hash.ts';
import { parameters, rewardParameters } from '../deployment.ts';
import {
  enlist,
  finalizeAll,
  type Proposed,
  playFinal,
  propose,
  type Scripted,
  script,
  settle,
  settleSeconds,
  show,
  stateAll,
  unchanged,
  voidStated,
} from './scripted.ts';
import { commitmentOf, rootOf, salt, state } from './settledRound.ts';

const scores = [5];
const bond = { value: rewardParameters.demandBondWei };

describe('scores of a proposal that is voided', () => {
  let scripted: Scripted;
  let first: Proposed;
  let evaluator: Scripted['stranger'];
  beforeEach(async () => {
    scripted = await script();
    [evaluator] = (await enlist(scripted, 1)) as [Scripted['stranger']];
    first = await propose(scripted, 1);
  });

  it('need not be shown, whether the round waits, is proposed again, is final or was skipped', async () => {
    const { rewards, stake, federation, time } = scripted;
    await rewards.connect(evaluator).commitScores(1, await commitmentOf(first, evaluator.address, scores));
    await time.increase(settleSeconds);
    const nothing = async () =>
      await expect(rewards.forfeit(1, evaluator.address)).to.be.revertedWithCustomError(rewards, 'NothingForfeited');
    await federation.forget(1);
    await nothing();
    await propose(scripted, 1, { modelRoot: id('another model') });
    await nothing();
    await federation.finalize(1);
    await nothing();
    await federation.forget(1);
    await nothing();
    await federation.finalize(2);
    await nothing();
    expect(await stake.bondedWei(rewards, evaluator.address)).to.equal(rewardParameters.evaluatorStakeWei);
    expect(await rewards.isEvaluator(evaluator.address)).to.equal(true);
  });

  it('count for no other proposal, and may be committed to anew', async () => {
    const { rewards, time } = scripted;
    await show(first, [evaluator], scores);
    const again = await propose(scripted, 1, { modelRoot: id('another model') });
    expect(await rewards.counts(1, again.proposedAt, evaluator.address, rootOf(scores))).to.equal(false);
    await show(again, [evaluator], scores);
    expect(await rewards.counts(1, again.proposedAt, evaluator.address, rootOf(scores))).to.equal(true);
    expect(await rewards.counts(1, first.proposedAt, evaluator.address, rootOf(scores))).to.equal(false);
    await time.increase(settleSeconds);
    await expect(rewards.forfeit(1, evaluator.address)).to.be.revertedWithCustomError(rewards, 'NothingForfeited');
  });

  it('that are not shown for the proposal after it cost stake', async () => {
    const { rewards, stake, time } = scripted;
    await show(first, [evaluator], scores);
    const again = await propose(scripted, 1, { modelRoot: id('another model') });
    await rewards.connect(evaluator).commitScores(1, await commitmentOf(again, evaluator.address, scores));
    await time.increase(settleSeconds);
    await rewards.forfeit(1, evaluator.address);
    const lost = rewardParameters.evaluatorStakeWei / 10n;
    expect(await stake.bondedWei(rewards, evaluator.address)).to.equal(rewardParameters.evaluatorStakeWei - lost);
  });

  it('give the bond back to the demander, and cost no stake', async () => {
    const { rewards, stake, federation, time, stranger, ethers } = scripted;
    await show(first, [evaluator], scores);
    await rewards.connect(stranger).demandScores(1, evaluator.address, bond);
    await federation.forget(1);
    await expect(rewards.forfeit(1, evaluator.address)).to.be.revertedWithCustomError(rewards, 'NotYet');
    await time.increaseTo(first.proposedAt + settleSeconds);
    await expect(rewards.publishScores(1, evaluator.address, salt, '0x0005')).to.be.revertedWithCustomError(
      rewards,
      'TooLate',
    );
    await rewards.forfeit(1, evaluator.address);
    await expect(rewards.forfeit(1, evaluator.address)).to.be.revertedWithCustomError(rewards, 'NothingForfeited');
    expect(await stake.bondedWei(rewards, evaluator.address)).to.equal(rewardParameters.evaluatorStakeWei);
    expect(await rewards.counts(1, first.proposedAt, evaluator.address, rootOf(scores))).to.equal(false);
    await expect(rewards.connect(stranger).claimOwed()).to.changeEtherBalance(ethers, stranger, bond.value);
  });
});

describe('a voided reward statement on which others stand', () => {
  /** Rounds 1 to 3 are stated, and the federation has forgotten them. */
  async function forgotten() {
    const scripted = await script();
    const rounds = await playFinal(scripted, 1, 3);
    const stated = await stateAll(rounds);
    for (const { round } of rounds) await scripted.federation.forget(round);
    return { scripted, rounds, stated };
  }

  it('voids those too, and what they allocated is in the pool again', async () => {
    const { scripted, stated } = await forgotten();
    const { rewards, federation, proposer } = scripted;
    expect((await rewards.pool()).allocatedGwei).to.equal(300n * 10n ** 9n);
    await voidStated(scripted, stated[1]!);
    expect((await rewards.rewardHead()).statedRound).to.equal(1n);
    expect((await rewards.pool()).allocatedGwei).to.equal(100n * 10n ** 9n);
    expect(await federation.slashes(proposer.address)).to.equal(1n);
    for (const { facts, statement } of stated.slice(1)) {
      expect((await rewards.rewardOf(Number(facts.round))).round).to.equal(0n);
      await expect(voidStated(scripted, { facts, statement })).to.be.revertedWithCustomError(rewards, 'NotStated');
    }
    expect((await rewards.rewardOf(1)).round).to.equal(1n);
    await finalizeAll(scripted, 1, 1);
    await expect(rewards.finalizeRewards(2)).to.be.revertedWithCustomError(rewards, 'NotStated');
  });

  it('is stated anew with all of them, in order, from their own facts', async () => {
    const { scripted, rounds, stated } = await forgotten();
    const { rewards, proposer, other } = scripted;
    await voidStated(scripted, stated[0]!);
    await expect(
      rewards.connect(proposer).proposeRewards(rounds[0]!.proposal, stated[0]!.statement),
    ).to.be.revertedWithCustomError(rewards, 'RoundNotFinal');
    const restate = (of: number, as = of) =>
      rewards.connect(other).restateRewards(stated[of - 1]!.facts, stated[as - 1]!.statement);
    await expect(restate(2)).to.be.revertedWithCustomError(rewards, 'NotNextToReward').withArgs(2n, 1n, 0n);
    await expect(restate(1, 2)).to.be.revertedWithCustomError(rewards, 'NotVoided').withArgs(2n);
    const forged = { ...stated[0]!.facts, aggregator: other.address };
    await expect(rewards.connect(other).restateRewards(forged, stated[0]!.statement)).to.be.revertedWithCustomError(
      rewards,
      'NotVoided',
    );
    for (const round of [1, 2, 3]) {
      await expect(restate(round)).to.emit(rewards, 'StatementShown');
      await expect(restate(round)).to.be.revertedWithCustomError(rewards, 'NotVoided');
    }
    expect((await rewards.pool()).allocatedGwei).to.equal(300n * 10n ** 9n);
    await finalizeAll(scripted, 1, 3);
    const root = toHex(stated[2]!.settlement.balancesRoot);
    expect((await rewards.finalBalances()).balancesRoot).to.equal(root);
    // the fee is still that of the round's proposer, not of who stated it
    expect(stated[2]!.settlement.balances[0]!.cumulativeGwei).to.equal(300n * 10n ** 9n);
  });

  it('has pots that follow from what it says, whatever the voided facts are said to have been', async () => {
    const { scripted, stated } = await forgotten();
    const { rewards, other } = scripted;
    const [{ facts, statement }] = stated as [(typeof stated)[0]];
    await voidStated(scripted, { facts, statement });
    const mostGwei = 2n ** 62n;
    const forged = { ...facts, trainerPotGwei: mostGwei, evaluatorPotGwei: mostGwei, feeGwei: mostGwei };
    await rewards.connect(other).restateRewards(forged, statement);
    // nobody is scored: only the fee is paid
    expect((await rewards.pool()).allocatedGwei).to.equal(100n * 10n ** 9n);
  });

  it('is passed over when nobody has stated it for a window, and not before', async () => {
    const { scripted, stated } = await forgotten();
    const { rewards, proposer, other, time } = scripted;
    await time.increase(1);
    const next = await propose(scripted, 4);
    await time.increase(settleSeconds);
    await scripted.federation.finalize(4);
    await voidStated(scripted, stated[0]!);
    const settlement = await settle(next);
    const pass = () => rewards.connect(proposer).proposeRewards(next.proposal, unchanged(settlement));
    await expect(pass()).to.be.revertedWithCustomError(rewards, 'NotNextToReward').withArgs(4n, 3n, 0n);
    await time.increase(parameters.challengeSeconds);
    await state(next, unchanged(settlement));
    await expect(
      rewards.connect(other).restateRewards(stated[0]!.facts, stated[0]!.statement),
    ).to.be.revertedWithCustomError(rewards, 'NotNextToReward');
    expect((await rewards.pool()).allocatedGwei).to.equal(settlement.feeGwei);
  });
});
