import { expect } from 'chai';
import { found, joinAsTrainer, ringSize } from './deployment.ts';
import { proposeFault, voidFault } from './faults.ts';
import { baseHash, modelRoot, playRound, submit } from './round.ts';
import { skip } from './skippedRound.ts';

describe('Federation.finalizeRound', () => {
  it('refuses a round that was not proposed', async () => {
    const { federation, trainers } = await found();
    await submit(federation, ...trainers);
    for (const round of [0, 1, ringSize]) {
      await expect(federation.finalizeRound(round))
        .to.be.revertedWithCustomError(federation, 'NotProposed')
        .withArgs(round);
    }
  });

  it('refuses while the window is open, out of order, and twice', async () => {
    const { federation, trainers, aggregators, time } = await found();
    await playRound(federation, trainers, aggregators);
    const closesAt = BigInt(await time.latest()) + 500n;
    await playRound(federation, trainers, aggregators);
    await time.setNextBlockTimestamp(closesAt - 1n);
    await expect(federation.finalizeRound(1))
      .to.be.revertedWithCustomError(federation, 'ChallengeWindowOpen')
      .withArgs(closesAt);
    await expect(federation.finalizeRound(2))
      .to.be.revertedWithCustomError(federation, 'NotNextToFinalize')
      .withArgs(2, 1, 0);
    await time.increase(500);
    await expect(federation.finalizeRound(1)).to.emit(federation, 'RoundFinalized').withArgs(1, modelRoot(1));
    await expect(federation.finalizeRound(1))
      .to.be.revertedWithCustomError(federation, 'NotNextToFinalize')
      .withArgs(1, 0, 1);
    await federation.finalizeRound(2);
    expect(await federation.finalRound()).to.equal(2);
    expect(await federation.settledRound()).to.equal(2);
  });

  it('makes room in a full ring, for ten times around it', async () => {
    const { federation, trainers, aggregators, time } = await found();
    for (let round = 1; round < ringSize; round++) await playRound(federation, trainers, aggregators);
    for (let final = 1; final <= 10 * ringSize; final++) {
      expect((await federation.clock()).round, 'no room').to.equal(0);
      await time.increase(500);
      await federation.finalizeRound(final);
      expect((await federation.clock()).round).to.equal(final + ringSize - 1);
      await playRound(federation, trainers, aggregators);
    }
  });
});

describe('Federation.skipRound', () => {
  it('refuses a round that is not open, and before everyone has had time to propose', async () => {
    const { federation, time } = await found();
    for (const round of [0, 2]) {
      await expect(federation.skipRound(round))
        .to.be.revertedWithCustomError(federation, 'WrongRound')
        .withArgs(round, 1);
    }
    const { submissionDeadline } = await federation.clock();
    const endsAt = submissionDeadline + 1000n + 200n;
    await time.setNextBlockTimestamp(endsAt - 1n);
    await expect(federation.skipRound(1)).to.be.revertedWithCustomError(federation, 'StillInTime').withArgs(endsAt);
    await time.setNextBlockTimestamp(endsAt);
    await expect(federation.skipRound(1)).to.emit(federation, 'RoundSkipped').withArgs(1);
    expect((await federation.clock()).baseRound).to.equal(0);
  });

  it('goes on from the same model where a proposal, void since, has taken the ring place of the base', async () => {
    const founded = await found(3, 3);
    const { federation, trainers, aggregators, time } = founded;
    await playRound(federation, trainers, aggregators);
    await time.increase(500);
    await federation.finalizeRound(1);
    while ((await federation.clock()).round < 1 + ringSize) await skip(founded);
    await submit(federation, ...trainers);
    const { proposal } = await proposeFault(founded, 3);
    expect((await federation.proposalOf(1)).round, 'it has made room').to.equal(0);
    await voidFault(founded, proposal);
    await skip(founded);
    expect(await federation.baseHash()).to.equal(baseHash(modelRoot(1)));
    await playRound(federation, trainers, aggregators);
  });

  it('goes on for ever where nobody acts, and the federation still works after', async () => {
    const { federation, trainers, aggregators, time } = await found();
    await playRound(federation, trainers, aggregators);
    await time.increase(500);
    await federation.finalizeRound(1);
    for (let round = 2; round < 2 + 3 * ringSize; round++) {
      await time.increase(3000);
      await federation.skipRound(round);
      expect((await federation.clock()).round).to.equal(round + 1);
      expect((await federation.clock()).baseRound).to.equal(1);
    }
    const { proposal } = await playRound(federation, trainers, aggregators);
    expect(proposal.baseModelRoot).to.equal(modelRoot(1));
    await time.increase(500);
    await federation.finalizeRound(proposal.round);
    expect(await federation.finalRound()).to.equal(proposal.round);
  });

  it('frees the stake behind submissions to the skipped round', async () => {
    const { federation, trainers, time } = await found();
    await submit(federation, trainers[0]!);
    expect(await federation.vouchedRound(trainers[0]!.address)).to.equal(1);
    await time.increase(3000);
    await federation.skipRound(1);
    expect(await federation.vouchedRound(trainers[0]!.address)).to.equal(0);
    expect(await federation.settledRound()).to.equal(1);
  });

  it('frees that stake also where the round was skipped before the one below was final, and none opens any more', async () => {
    const deployment = await found();
    const { federation, trainers, aggregators, stranger, time } = deployment;
    await playRound(federation, trainers, aggregators);
    await submit(federation, trainers[0]!);
    await federation.connect(trainers[1]!).leaveAsTrainer();
    await federation.connect(trainers[2]!).leaveAsTrainer();
    await time.increase(3000);
    await federation.skipRound(2);
    expect((await federation.clock()).round, 'one trainer is too few').to.equal(0);
    expect(await federation.vouchedRound(trainers[0]!.address)).to.equal(2);
    await federation.finalizeRound(1);
    expect(await federation.vouchedRound(trainers[0]!.address)).to.equal(0);
    await joinAsTrainer(deployment, stranger);
    expect((await federation.clock()).round).to.equal(3);
  });
});
