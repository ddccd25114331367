import { expect } from 'chai';
import { id } from 'ethers';
import { found, joinAsTrainer, parameters } from './deployment.ts';
import { packTerms, propose, submission, submit } from './round.ts';

const [commitment, cid] = [id('commitment'), id('cid')];

describe('Federation.submitUpdate', () => {
  it('refuses a round that is not open, before, after and beyond 32 bits', async () => {
    const { federation, trainers, aggregators } = await found();
    const trainer = federation.connect(trainers[0]!);
    for (const round of [0n, 2n, 2n ** 32n + 1n]) {
      await expect(trainer.submitUpdate(packTerms(round, 1, 1), commitment, cid))
        .to.be.revertedWithCustomError(federation, 'WrongRound')
        .withArgs(round, 1);
    }
    await submit(federation, ...trainers);
    await propose(federation, aggregators, 3);
    await expect(trainer.submitUpdate(packTerms(1, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'WrongRound')
      .withArgs(1, 2);
  });

  it('refuses while no round is open', async () => {
    const { federation, trainers } = await found(1, 1, { task: { startTrainers: 2 } });
    await expect(federation.connect(trainers[0]!).submitUpdate(packTerms(0, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'SubmissionsClosed')
      .withArgs(0);
  });

  it('refuses from the deadline on, and takes the second before', async () => {
    const { federation, trainers, time } = await found();
    const { submissionDeadline } = await federation.clock();
    await time.setNextBlockTimestamp(submissionDeadline - 1n);
    await federation.connect(trainers[0]!).submitUpdate(packTerms(1, 1, 1), commitment, cid);
    await time.setNextBlockTimestamp(submissionDeadline);
    await expect(federation.connect(trainers[1]!).submitUpdate(packTerms(1, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'SubmissionsClosed')
      .withArgs(submissionDeadline);
  });

  it('refuses a norm above the clip bound, and a weight of zero or above the largest', async () => {
    const { federation, trainers } = await found();
    const trainer = federation.connect(trainers[0]!);
    const { maxSquaredNorm, maxWeight } = parameters;
    for (const norm of [maxSquaredNorm + 1n, 2n ** 64n - 1n]) {
      await expect(trainer.submitUpdate(packTerms(1, norm, 1), commitment, cid))
        .to.be.revertedWithCustomError(federation, 'NormAboveBound')
        .withArgs(norm, maxSquaredNorm);
    }
    for (const weight of [0, maxWeight + 1, 65_535]) {
      await expect(trainer.submitUpdate(packTerms(1, 1, weight), commitment, cid))
        .to.be.revertedWithCustomError(federation, 'WeightOutOfBounds')
        .withArgs(weight, maxWeight);
    }
    await trainer.submitUpdate(packTerms(1, maxSquaredNorm, maxWeight), commitment, cid);
    await federation.connect(trainers[1]!).submitUpdate(packTerms(1, 0, 1), commitment, cid);
  });

  it('refuses an account that is no trainer, one that has left, and one that joined while the round was open', async () => {
    const deployment = await found();
    const { federation, trainers, stranger } = deployment;
    await expect(federation.connect(stranger).submitUpdate(packTerms(1, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'NotATrainer')
      .withArgs(stranger.address);
    await federation.connect(trainers[0]!).leaveAsTrainer();
    await expect(federation.connect(trainers[0]!).submitUpdate(packTerms(1, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'NotATrainer')
      .withArgs(trainers[0]!.address);
    await joinAsTrainer(deployment, stranger);
    await expect(federation.connect(stranger).submitUpdate(packTerms(1, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'AlreadySubmitted')
      .withArgs(stranger.address, 1);
  });

  it('refuses a second submission, also from a trainer that has left', async () => {
    const { federation, trainers } = await found();
    const trainer = federation.connect(trainers[0]!);
    const first = submission(trainers[0]!.address, 1);
    await trainer.submitUpdate(...first);
    const slot = await federation.submissionSlot(trainers[0]!.address, 1);
    await expect(trainer.submitUpdate(packTerms(1, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'AlreadySubmitted')
      .withArgs(trainers[0]!.address, 1);
    expect(await federation.submissionSlot(trainers[0]!.address, 1)).to.equal(slot);
    await trainer.leaveAsTrainer();
    await expect(trainer.submitUpdate(packTerms(1, 1, 1), commitment, cid))
      .to.be.revertedWithCustomError(federation, 'NotATrainer')
      .withArgs(trainers[0]!.address);
  });

  it('says who submitted what', async () => {
    const { federation, trainers } = await found();
    const values = submission(trainers[0]!.address, 1);
    await expect(federation.connect(trainers[0]!).submitUpdate(...values))
      .to.emit(federation, 'UpdateSubmitted')
      .withArgs(trainers[0]!.address, ...values);
  });
});
