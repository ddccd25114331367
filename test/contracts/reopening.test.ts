import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { anyValue } from '@nomicfoundation/hardhat-ethers-chai-matchers/withArgs';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { type Founded, found, joinAsTrainer, parameters } from './deployment.ts';
import { asChallenges, clockOf, playFault, proposeFault, voidFault } from './faults.ts';
import { eventsOf } from './logs.ts';
import {
  attest,
  baseHash,
  modelRoot,
  noAnchor,
  playRound,
  proposalFor,
  propose,
  proposeAs,
  submission,
  submit,
  turnHolderOf,
} from './round.ts';

const { submissionSeconds, turnSeconds } = parameters;

/** Of four trainers the first is silent: the proposer claims its input all the same, before the deadline. */
async function claimEarly(): Promise<
  Founded & { silent: HardhatEthersSigner; proposal: Awaited<ReturnType<typeof proposalFor>> }
> {
  const founded = await found(4, 4);
  const [silent, ...others] = founded.trainers as [HardhatEthersSigner, ...HardhatEthersSigner[]];
  await submit(founded.federation, ...others);
  const { proposal } = await proposeFault(founded, 4);
  return { ...founded, silent, proposal };
}

describe('A reopened round', () => {
  it('takes no submission where it was proposed after its deadline, and waits for the same trainers', async () => {
    const founded = await found(4, 3);
    const { federation, trainers, time } = founded;
    await submit(federation, ...trainers.slice(1));
    await time.increase(submissionSeconds);
    const { proposal } = await proposeFault(founded, 3);
    const at = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(at);
    await expect(voidFault(founded, proposal))
      .to.emit(federation, 'ProposalVoided')
      .withArgs(1, anyValue, ZeroAddress, 4, at, 1);
    const silent = federation.connect(trainers[0]!);
    await expect(silent.submitUpdate(...submission(trainers[0]!.address, 1)))
      .to.be.revertedWithCustomError(federation, 'SubmissionsClosed')
      .withArgs(at);
    await propose(federation, founded.aggregators, 3);
  });

  it('refuses trainers that joined meanwhile, and a second submission of one that had submitted', async () => {
    const early = await claimEarly();
    const { federation, stranger, trainers } = early;
    await joinAsTrainer(early, stranger);
    await voidFault(early, early.proposal);
    for (const none of [stranger, trainers[1]!]) {
      await expect(federation.connect(none).submitUpdate(...submission(none.address, 1)))
        .to.be.revertedWithCustomError(federation, 'AlreadySubmitted')
        .withArgs(none.address, 1);
    }
    expect((await federation.clock()).expectedTrainers).to.equal(4);
  });

  it('gives all its time again where it was proposed before its deadline', async () => {
    const early = await claimEarly();
    const { federation, silent, trainers, aggregators, time } = early;
    const slots = await Promise.all(trainers.map(({ address }) => federation.submissionSlot(address, 1)));
    const at = (await time.latest()) + 10;
    const deadline = at + submissionSeconds;
    await time.setNextBlockTimestamp(at);
    const events = await eventsOf(federation, await voidFault(early, early.proposal));
    expect(events.map(({ name }) => name)).to.deep.equal(['ProposalVoided', 'AggregatorLeft']);
    expect([...events[0]!.args].slice(3)).to.deep.equal([4n, BigInt(deadline), 1n]);
    const clock = await federation.clock();
    expect([clock.expectedTrainers, clock.submissionDeadline, clock.edition, clock.reopened]).to.deep.equal([
      4n,
      BigInt(deadline),
      1n,
      true,
    ]);
    await expect(propose(federation, aggregators, 3), 'one is waited for')
      .to.be.revertedWithCustomError(federation, 'SubmissionsOpen')
      .withArgs(deadline, 3, 4);
    await submit(federation, silent);
    expect((await federation.submissionSlot(silent.address, 1)) >> 224n).to.equal(1);
    for (const [index, slot] of slots.entries()) {
      if (index > 0) expect(await federation.submissionSlot(trainers[index]!.address, 1)).to.equal(slot);
    }
    // all are in: it ends early, as any round
    await propose(federation, aggregators, 4);
    expect((await federation.clock()).reopened, 'the next round is not reopened').to.equal(false);
  });

  it('does not wait for trainers that left or were slashed meanwhile', async () => {
    const founded = await found(6, 3);
    const { federation, trainers, aggregators, stranger } = founded;
    const [silent, gone, cheat, liar] = trainers as [
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
    ];
    await submit(federation, ...trainers.slice(2));
    const { proposal } = await proposeFault(founded, 6);
    const judge = await asChallenges(founded);
    await federation.connect(gone).leaveAsTrainer();
    await judge.slashTrainer(cheat.address, 1, stranger.address);
    // what it submits to the next round says nothing about this one
    await submit(federation, liar);
    await judge.slashTrainer(liar.address, 2, stranger.address);
    await voidFault(founded, proposal);
    const { expectedTrainers, edition } = await federation.clock();
    expect(expectedTrainers, 'the silent one, and three that have submitted').to.equal(4);
    // the next round's open submission was slashed, and this one was voided
    expect(edition).to.equal(2);
    await submit(federation, silent);
    await propose(federation, aggregators, 4);
  });

  it('waits for one trainer fewer where one leaves that has not submitted, and joining again changes nothing', async () => {
    const early = await claimEarly();
    const { federation, silent, aggregators, time } = early;
    await federation.connect(silent).leaveAsTrainer();
    await time.increaseTo(await federation.mayJoinAt(silent.address));
    await federation.connect(silent).joinAsTrainer();
    await voidFault(early, early.proposal);
    expect((await federation.clock()).expectedTrainers).to.equal(3);
    await expect(federation.connect(silent).submitUpdate(...submission(silent.address, 1)))
      .to.be.revertedWithCustomError(federation, 'AlreadySubmitted')
      .withArgs(silent.address, 1);
    await propose(federation, aggregators, 3);
  });

  it('is open again a second time, with the time that it had then', async () => {
    const early = await claimEarly();
    const { federation, silent, aggregators, time } = early;
    await voidFault(early, early.proposal);
    const again = await proposeFault(early, 4);
    const at = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(at);
    await expect(voidFault(early, again.proposal))
      .to.emit(federation, 'ProposalVoided')
      .withArgs(1, anyValue, ZeroAddress, 4, at + submissionSeconds, 2);
    await time.increaseTo(at + submissionSeconds);
    const third = await proposeFault(early, 3);
    const then = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(then);
    await expect(voidFault(early, third.proposal))
      .to.emit(federation, 'ProposalVoided')
      .withArgs(1, anyValue, ZeroAddress, 4, then, 3);
    await expect(
      federation.connect(silent).submitUpdate(...submission(silent.address, 1)),
    ).to.be.revertedWithCustomError(federation, 'SubmissionsClosed');
    await propose(federation, aggregators, 3);
    expect((await federation.proposalOf(1)).round).to.equal(1);
  });

  it('takes no signature from before: electors sign once for each edition', async () => {
    const founded = await found(3, 4);
    const { federation, trainers, aggregators } = founded;
    await submit(federation, ...trainers);
    const { proposal } = await proposeFault(founded, 3);
    await voidFault(founded, proposal);
    const honest = await proposalFor(federation, 3);
    const holder = await turnHolderOf(federation, aggregators);
    const left = await federation.aggregators();
    const others = aggregators.filter((aggregator) => aggregator !== holder && left.includes(aggregator.address));
    const old = await attest(federation, { ...honest, edition: 0 }, others);
    await expect(federation.connect(holder).proposeAggregate(honest, [], old, noAnchor))
      .to.be.revertedWithCustomError(federation, 'WrongSignature')
      .withArgs(old[0]!.signer);
    await proposeAs(federation, holder, honest, others);
  });

  it('takes the rounds above with it: they come with other numbers, and edition and terms stay with theirs', async () => {
    const founded = await found(3, 4);
    const { federation, trainers, aggregators, time } = founded;
    const { proposal } = await playFault(founded);
    await playRound(federation, trainers, aggregators);
    await voidFault(founded, proposal);
    expect((await federation.clock()).round).to.equal(1);
    await propose(federation, aggregators, 3);
    expect((await federation.clock()).round, 'rounds 2 and 3 are taken: the ring is full').to.equal(0);
    // proposed again in the same second, it counts as one of the next
    await time.increase(parameters.challengeSeconds + 1);
    await federation.finalizeRound(1);
    const { round, edition, expectedTrainers } = await federation.clock();
    expect([round, edition, expectedTrainers]).to.deep.equal([4n, 1n, 3n]);
    await playRound(federation, trainers, aggregators);
  });

  it('is proposed in another second than before, by which scores name their proposal', async () => {
    const founded = await found(3, 4);
    const { federation, trainers, aggregators, time } = founded;
    await submit(federation, ...trainers);
    const at = (await time.latest()) + 10;
    for (const [index, proposedAt] of [at, at + 1, at + 2].entries()) {
      await time.setNextBlockTimestamp(at);
      const { proposal } = await proposeFault(founded, 3);
      const record = await federation.proposalOf(1);
      expect([record.proposedAt, record.closesAt], `proposal ${index}`).to.deep.equal([
        BigInt(proposedAt),
        BigInt(proposedAt + parameters.challengeSeconds),
      ]);
      await time.setNextBlockTimestamp(at);
      await voidFault(founded, proposal);
    }
    await time.setNextBlockTimestamp(at + 7);
    await propose(federation, aggregators, 3);
    expect((await federation.proposalOf(1)).proposedAt, 'later it is the time itself').to.equal(at + 7);
  });

  it('is proposed by the next aggregator, and a turn later by any', async () => {
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
      .withArgs(holder, submissionDeadline + turnSeconds);
    await time.increaseTo(submissionDeadline + turnSeconds);
    await proposeAs(federation, other, honest, aggregators);
  });

  it('is skipped where nobody proposes again', async () => {
    const founded = await found();
    const { federation, trainers, aggregators, time } = founded;
    await playRound(federation, trainers, aggregators);
    const { proposal } = await playFault(founded);
    await voidFault(founded, proposal);
    const { submissionDeadline } = await clockOf(founded);
    const endsAt = submissionDeadline + submissionSeconds + 2 * turnSeconds;
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

  it('follows also from a void of a proposal that is late to be final', async () => {
    const founded = await found();
    const { federation, time } = founded;
    const { proposal } = await playFault(founded);
    await time.increase(10_000);
    await expect(voidFault(founded, proposal)).to.emit(federation, 'ProposalVoided');
  });
});
