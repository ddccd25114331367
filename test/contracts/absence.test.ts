import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { type Founded, found, parameters } from './deployment.ts';
import { eventsOf } from './logs.ts';
import { playRound, proposalFor, propose, proposeAs, submit, turnHolderOf } from './round.ts';
import { skip } from './skippedRound.ts';

const { submissionSeconds, challengeSeconds } = parameters;
const day = 24 * 3600;

/** Reports it for the newest skipped round; answers when, and when it may join again. */
async function report({ federation, time }: Founded, trainer: HardhatEthersSigner) {
  await federation.reportAbsence(trainer.address);
  return { at: BigInt(await time.latest()), mayJoinAt: await federation.mayJoinAt(trainer.address) };
}

describe('Federation.reportAbsence, rounds and delays', () => {
  it('takes absence from the newest final and the newest skipped round, and from no other', async () => {
    const founded = await found(3, 1);
    const { federation, trainers, aggregators, time } = founded;
    const [silent, ...others] = trainers as [HardhatEthersSigner, ...HardhatEthersSigner[]];
    const refuses = async () => {
      await expect(federation.reportAbsence(silent.address))
        .to.be.revertedWithCustomError(federation, 'NotAbsent')
        .withArgs(silent.address);
    };
    await submit(federation, ...others);
    await time.increase(submissionSeconds);
    await propose(federation, aggregators, 2);
    await time.increase(challengeSeconds);
    await refuses();
    await federation.finalizeRound(1);
    // it brings the next one, which becomes final in its turn
    await submit(federation, ...trainers);
    await propose(federation, aggregators, 3);
    const snapshot = await founded.networkHelpers.takeSnapshot();
    await federation.reportAbsence(silent.address);
    await snapshot.restore();
    await time.increase(challengeSeconds);
    await federation.finalizeRound(2);
    await refuses();

    await submit(federation, ...others);
    const skipped = await skip(founded);
    const at = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(at);
    await expect(federation.reportAbsence(silent.address))
      .to.emit(federation, 'TrainerAbsent')
      .withArgs(silent.address, skipped, at + 2 * submissionSeconds);
    for (const { address } of others) {
      await expect(federation.reportAbsence(address)).to.be.revertedWithCustomError(federation, 'NotAbsent');
    }
  });

  it('makes the trainer wait, twice as long every time', async () => {
    const founded = await found(4, 1);
    const { federation, trainers, time } = founded;
    const [silent, ...others] = trainers as [HardhatEthersSigner, ...HardhatEthersSigner[]];
    for (const delay of [2, 4, 8, 16]) {
      await submit(federation, ...others);
      await skip(founded);
      const { at, mayJoinAt } = await report(founded, silent);
      expect(mayJoinAt - at).to.equal(delay * submissionSeconds);
      await time.setNextBlockTimestamp(mayJoinAt - 1n);
      await expect(federation.connect(silent).joinAsTrainer())
        .to.be.revertedWithCustomError(federation, 'TooSoonToRejoin')
        .withArgs(mayJoinAt);
      await time.setNextBlockTimestamp(mayJoinAt);
      await federation.connect(silent).joinAsTrainer();
      // the open round does not wait for it: the next one does
      await skip(founded);
    }
    expect(await federation.mayJoinAt(others[0]!.address)).to.equal(0);
  });

  it('never makes a trainer wait for more than thirty days', async () => {
    const founded = await found(4, 1, { parameters: { submissionSeconds: 14 * day } });
    const { federation, trainers, time } = founded;
    const [silent, ...others] = trainers as [HardhatEthersSigner, ...HardhatEthersSigner[]];
    for (const days of [28, 30, 30]) {
      await submit(federation, ...others);
      await skip(founded);
      const { at, mayJoinAt } = await report(founded, silent);
      expect(mayJoinAt - at).to.equal(days * day);
      await time.increaseTo(mayJoinAt);
      await federation.connect(silent).joinAsTrainer();
      await skip(founded);
    }
  });

  it('forgets earlier absences after eight quiet delays, not a second before', async () => {
    const founded = await found(4, 1);
    const { federation, trainers, time, networkHelpers } = founded;
    const [silent] = trainers as [HardhatEthersSigner];
    await skip(founded);
    const first = await report(founded, silent);
    await time.increaseTo(first.mayJoinAt);
    await federation.connect(silent).joinAsTrainer();
    await skip(founded);
    await skip(founded);
    const quietUntil = first.mayJoinAt + 8n * 2n * BigInt(submissionSeconds);
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [later, delay] of [
      [0n, 4],
      [1n, 2],
    ] as const) {
      await time.setNextBlockTimestamp(quietUntil + later);
      const { at, mayJoinAt } = await report(founded, silent);
      expect(at).to.equal(quietUntil + later);
      expect(mayJoinAt - at).to.equal(delay * submissionSeconds);
      await snapshot.restore();
    }
  });

  it('has the same delay for a trainer that leaves, whether a round waits for it or not', async () => {
    const founded = await found(4, 1);
    const { federation, trainers, time } = founded;
    const [silent, present] = trainers as [HardhatEthersSigner, HardhatEthersSigner];
    const at = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(at);
    const left = await federation.connect(silent).leaveAsTrainer();
    const events = (await eventsOf(federation, left)).map(({ name, args }) => [name, ...args]);
    expect(events).to.deep.equal([['TrainerAbsent', silent.address, 1n, BigInt(at + 2 * submissionSeconds)]]);
    await expect(federation.connect(silent).joinAsTrainer())
      .to.be.revertedWithCustomError(federation, 'TooSoonToRejoin')
      .withArgs(at + 2 * submissionSeconds);
    await submit(federation, present);
    await time.setNextBlockTimestamp(at + 10);
    await federation.connect(present).leaveAsTrainer();
    expect(await federation.mayJoinAt(present.address)).to.equal(at + 10 + 2 * submissionSeconds);
  });
});

describe('Federation: fewest updates', () => {
  it('are a majority of those that the round waits for where the parameter is zero', async () => {
    const { federation, trainers, aggregators, time } = await found(6, 1, { parameters: { minimumUpdates: 0 } });
    await submit(federation, ...trainers.slice(1));
    await time.increase(submissionSeconds - 10);
    await federation.connect(trainers[0]!).leaveAsTrainer();
    await time.increase(10);
    const proposal = await proposalFor(federation, 2);
    const holder = await turnHolderOf(federation, aggregators);
    await expect(proposeAs(federation, holder, proposal, aggregators), 'of five')
      .to.be.revertedWithCustomError(federation, 'TooFewInputs')
      .withArgs(2, 3);
    await propose(federation, aggregators, 3);
  });

  it('are more than half of an even number, and one of one', async () => {
    const many = await found(4, 1, { parameters: { minimumUpdates: 0 } });
    await submit(many.federation, ...many.trainers);
    await many.time.increase(submissionSeconds);
    await expect(propose(many.federation, many.aggregators, 2))
      .to.be.revertedWithCustomError(many.federation, 'TooFewInputs')
      .withArgs(2, 3);
    const one = await found(1, 1, { parameters: { minimumUpdates: 0 } });
    await playRound(one.federation, one.trainers, one.aggregators);
    expect((await one.federation.proposalOf(1)).round).to.equal(1);
  });
});
