import { anyValue as anyDeadline } from '@nomicfoundation/hardhat-ethers-chai-matchers/withArgs';
import { expect } from 'chai';
import type { Result } from 'ethers';
import {
  aggregatorBondWei,
  bond,
  deploy,
  found,
  joinAsAggregator,
  joinAsTrainer,
  ringSize,
  trainerStakeWei,
} from './deployment.ts';
import { playRound, propose, submit } from './round.ts';

describe('Federation.joinAsTrainer and leaveAsTrainer', () => {
  it('refuses an account with too little stake for all its roles', async () => {
    const deployment = await found();
    const { federation, stranger, aggregators } = deployment;
    await bond(deployment, stranger, trainerStakeWei - 1n);
    await expect(federation.connect(stranger).joinAsTrainer())
      .to.be.revertedWithCustomError(federation, 'InsufficientStake')
      .withArgs(trainerStakeWei - 1n, trainerStakeWei);
    await expect(federation.connect(aggregators[0]!).joinAsTrainer())
      .to.be.revertedWithCustomError(federation, 'InsufficientStake')
      .withArgs(aggregatorBondWei, aggregatorBondWei + trainerStakeWei);
  });

  it('refuses to join twice and to leave without being there', async () => {
    const { federation, trainers, stranger } = await found();
    await expect(federation.connect(trainers[0]!).joinAsTrainer())
      .to.be.revertedWithCustomError(federation, 'AlreadyATrainer')
      .withArgs(trainers[0]!.address);
    await expect(federation.connect(stranger).leaveAsTrainer())
      .to.be.revertedWithCustomError(federation, 'NotATrainer')
      .withArgs(stranger.address);
  });

  it('opens the first round when as many as the task wants have joined', async () => {
    const deployment = await deploy({ task: { startTrainers: 3 } });
    const { federation, accounts } = deployment;
    await joinAsAggregator(deployment, accounts[4]!);
    await joinAsTrainer(deployment, accounts[1]!, accounts[2]!);
    expect((await federation.clock()).round).to.equal(0);
    await bond(deployment, accounts[3]!, trainerStakeWei);
    const joined = federation.connect(accounts[3]!).joinAsTrainer();
    await expect(joined).to.emit(federation, 'TrainerJoined').withArgs(accounts[3]!.address, 1);
    const { submissionDeadline } = await federation.clock();
    await expect(joined).to.emit(federation, 'RoundOpened').withArgs(1, 0, 3, submissionDeadline);
    expect(await federation.trainerCount()).to.equal(3);
  });

  it('waits for an aggregator: the first to join opens the round', async () => {
    const deployment = await found(3, 0);
    const { federation, accounts } = deployment;
    expect((await federation.clock()).round).to.equal(0);
    await bond(deployment, accounts[9]!, aggregatorBondWei);
    const joined = federation.connect(accounts[9]!).joinAsAggregator();
    await expect(joined).to.emit(federation, 'RoundOpened').withArgs(1, 0, 3, anyDeadline);
    const [terms, { submissionDeadline }] = [await federation.termsOf(1), await federation.clock()];
    expect((terms as unknown as Result).toObject()).to.deep.equal({
      round: 1n,
      openedAt: submissionDeadline - 1000n,
      expectedTrainers: 3n,
      submissionDeadline,
      aggregators: 1n,
      evaluators: 0n,
    });
    expect((await federation.termsOf(2)).round).to.equal(0);
  });

  it('waits for as many trainers as an aggregate needs, where the task would start with fewer', async () => {
    const { federation } = await found(1, 1, { task: { startTrainers: 1 } });
    expect((await federation.clock()).round).to.equal(0);
  });

  it('waits for a trainer from the round after it joined', async () => {
    const deployment = await found();
    const { federation, trainers, aggregators, stranger } = deployment;
    await joinAsTrainer(deployment, stranger);
    expect((await federation.clock()).expectedTrainers).to.equal(3);
    await playRound(federation, trainers, aggregators);
    expect((await federation.clock()).expectedTrainers).to.equal(4);
    await submit(federation, stranger);
  });

  it('keeps the submission of a trainer that leaves until its round is settled, and clears the rest', async () => {
    const { federation, trainers, aggregators, time } = await found();
    await submit(federation, ...trainers);
    const [trainer] = trainers;
    const slot = await federation.submissionSlot(trainer!.address, 1);
    await expect(federation.connect(trainer!).leaveAsTrainer()).to.emit(federation, 'TrainerAbsent');
    expect(await federation.isTrainer(trainer!.address)).to.equal(false);
    expect(await federation.submissionSlot(trainer!.address, 1)).to.equal(slot | (1n << 255n));
    expect(await federation.submissionSlot(trainer!.address, 2)).to.equal(0);
    expect(await federation.vouchedRound(trainer!.address)).to.equal(1);
    await propose(federation, aggregators, 3);
    await time.increase(500);
    await federation.finalizeRound(1);
    expect(await federation.vouchedRound(trainer!.address)).to.equal(0);
  });

  it('lets a trainer that joins again after a whole ring submit as before', async () => {
    const { federation, trainers, aggregators, time } = await found();
    const [first, ...others] = trainers;
    await playRound(federation, trainers, aggregators);
    await federation.connect(first!).leaveAsTrainer();
    for (let round = 2; round <= ringSize + 2; round++) {
      await submit(federation, ...others);
      await time.increase(1000);
      await propose(federation, aggregators, 2);
      await time.increase(500);
      for (let r = await federation.finalRound(); r < round; r++) await federation.finalizeRound(r + 1n);
    }
    await federation.connect(first!).joinAsTrainer();
    await submit(federation, ...others);
    await propose(federation, aggregators, 2);
    await submit(federation, first!);
  });
});

describe('Federation.reportAbsence', () => {
  it('refuses an account that is no trainer, and any before a round was proposed', async () => {
    const { federation, trainers, stranger } = await found();
    await expect(federation.reportAbsence(stranger.address))
      .to.be.revertedWithCustomError(federation, 'NotATrainer')
      .withArgs(stranger.address);
    await expect(federation.reportAbsence(trainers[0]!.address))
      .to.be.revertedWithCustomError(federation, 'NotAbsent')
      .withArgs(trainers[0]!.address);
  });

  it('refuses a trainer that submitted, that joined while the round was open, or that joined after', async () => {
    const deployment = await found();
    const { federation, trainers, aggregators, stranger, accounts } = deployment;
    await joinAsTrainer(deployment, stranger);
    await playRound(federation, trainers, aggregators);
    await joinAsTrainer(deployment, accounts.at(-1)!);
    for (const { address } of [...trainers, stranger, accounts.at(-1)!]) {
      await expect(federation.reportAbsence(address))
        .to.be.revertedWithCustomError(federation, 'NotAbsent')
        .withArgs(address);
    }
  });

  it('refuses a trainer that joined while no round was open', async () => {
    const deployment = await found();
    const { federation, trainers, aggregators, stranger, time } = deployment;
    for (let round = 1; round < ringSize; round++) await playRound(federation, trainers, aggregators);
    expect((await federation.clock()).round, 'the ring is full').to.equal(0);
    await joinAsTrainer(deployment, stranger);
    await expect(federation.reportAbsence(stranger.address))
      .to.be.revertedWithCustomError(federation, 'NotAbsent')
      .withArgs(stranger.address);
    await time.increase(500);
    await federation.finalizeRound(1);
    await expect(federation.reportAbsence(stranger.address)).to.be.revertedWithCustomError(federation, 'NotAbsent');
    await submit(federation, stranger);
  });

  it('removes a trainer that was silent, so that the open round does not wait for it; it may come back', async () => {
    const { federation, trainers, aggregators, time } = await found();
    const [silent, ...others] = trainers;
    await submit(federation, ...others);
    await time.increase(1000);
    await propose(federation, aggregators, 2);
    expect((await federation.clock()).expectedTrainers).to.equal(3);
    await expect(federation.reportAbsence(silent!.address), 'a proposal may yet be void')
      .to.be.revertedWithCustomError(federation, 'NotAbsent')
      .withArgs(silent!.address);
    await time.increase(500);
    await federation.finalizeRound(1);
    const at = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(at);
    await expect(federation.reportAbsence(silent!.address))
      .to.emit(federation, 'TrainerAbsent')
      .withArgs(silent!.address, 1, at + 2000);
    expect((await federation.clock()).expectedTrainers).to.equal(2);
    await submit(federation, ...others);
    await propose(federation, aggregators, 2);
    await time.increaseTo(at + 2000);
    await federation.connect(silent!).joinAsTrainer();
    expect(await federation.trainerCount()).to.equal(3);
    expect((await federation.clock()).expectedTrainers).to.equal(2);
  });

  it('counts the submission of a trainer that leaves after it, and no longer waits for one that leaves before', async () => {
    const { federation, trainers, aggregators } = await found();
    const [after, before, steady] = trainers;
    await submit(federation, after!);
    await federation.connect(after!).leaveAsTrainer();
    expect((await federation.clock()).expectedTrainers).to.equal(3);
    await federation.connect(before!).leaveAsTrainer();
    expect((await federation.clock()).expectedTrainers).to.equal(2);
    await submit(federation, steady!);
    await propose(federation, aggregators, 2);
  });
});
