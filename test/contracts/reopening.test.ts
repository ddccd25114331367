import { expect } from 'chai';
import { found } from './deployment.ts';
import { clockOf, playFault, proposeFault, voidFault } from './faults.ts';
import { baseHash, modelRoot, playRound, proposalFor, proposeAs, submit } from './round.ts';

describe('A reopened round', () => {
  it('is proposed by the next, and a turn later by all', async () => {
    const founded = await found(3, 3);
    const { federation, trainers, aggregators, time } = founded;
    await submit(federation, ...trainers);
    const { proposal } = await proposeFault(founded, 3);
    await voidFault(founded, proposal);
    const { submissionDeadline } = await clockOf(founded);
    const holder = await federation.turnHolder();
    const left = await federation.aggregators();
    const other = aggregators.find(({ address }) => address !== holder && left.includes(address))!;
    const honest = await proposalFor(federation, 3);
    await expect(proposeAs(federation, other, honest, aggregators))
      .to.be.revertedWithCustomError(federation, 'NotYourTurn')
      .withArgs(holder, submissionDeadline + 100);
    await time.increaseTo(submissionDeadline + 100);
    await proposeAs(federation, other, honest, aggregators);
  });

  it('is skipped where nobody proposes again', async () => {
    const founded = await found();
    const { federation, trainers, aggregators, time } = founded;
    await playRound(federation, trainers, aggregators);
    const { proposal } = await playFault(founded);
    await voidFault(founded, proposal);
    const { submissionDeadline } = await clockOf(founded);
    const endsAt = submissionDeadline + 1000 + 200;
    await time.setNextBlockTimestamp(endsAt - 1);
    await expect(federation.skipRound(2)).to.be.revertedWithCustomError(federation, 'StillInTime').withArgs(endsAt);
    await federation.finalizeRound(1);
    await time.increaseTo(endsAt);
    await federation.skipRound(2);
    expect(await clockOf(founded)).to.include({ round: 4, baseRound: 1 });
    expect(await federation.baseHash()).to.equal(baseHash(modelRoot(1)));
    expect(await federation.settledRound(), 'all that was submitted before counts for nothing').to.equal(3);
    await playRound(federation, trainers, aggregators);
  });

  it('comes also of a proposal that is late to be final', async () => {
    const founded = await found();
    const { federation, time } = founded;
    const { proposal } = await playFault(founded);
    await time.increase(10_000);
    await expect(voidFault(founded, proposal)).to.emit(federation, 'ProposalVoided');
  });
});
