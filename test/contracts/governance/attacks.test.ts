/** What an attacker tries with votes, with the guardian, and with changes that wait. */
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { playRound, propose as proposeAggregate } from '../round.ts';
import {
  callOf,
  decide,
  join,
  type Proposed,
  pass,
  propose,
  running,
  type System,
  setParameter,
  untilDecided,
  untilVote,
} from './system.ts';

const month = 30 * 24 * 3600;
const states = { succeeded: 4n, expired: 6n, executed: 7n };

type Running = Awaited<ReturnType<typeof running>>;
type ProposalStruct = Awaited<ReturnType<typeof playRound>>['proposal'];

/** As a challenge contract that has proven a fault. */
async function voidProposal({ ethers, networkHelpers, federation, shared }: System, proposal: ProposalStruct) {
  const challenges = shared.challenges.InputChallenges;
  await networkHelpers.setBalance(challenges, 10n ** 18n);
  await federation.connect(await ethers.getImpersonatedSigner(challenges)).voidProposal(proposal, ZeroAddress);
}

/** Rounds 1 and 2 are in flight; another rule, another bound and an ejection wait for them. */
async function waiting(): Promise<Running & { first: ProposalStruct }> {
  const system = await running();
  const { federation, policy, trainers, aggregators } = system;
  const { proposal: first } = await playRound(federation, trainers, aggregators);
  await pass(
    system,
    await callOf(policy, 'setRule', [1, 0]),
    await setParameter(system, 'maxWeight', 7n),
    await callOf(policy, 'eject', [trainers[2]!.address]),
  );
  await playRound(federation, trainers, aggregators);
  return { ...system, first };
}

/** The operation as the treasury knows it: its salt names the governor. */
async function timelocked({ ethers, governor }: System, operation: Proposed['operation']) {
  const [targets, values, data, description] = operation;
  const salt = ethers.toBeHex(BigInt(description) ^ (BigInt(await governor.getAddress()) << 96n), 32);
  return [targets, values, data, ethers.ZeroHash, salt] as const;
}

describe('A proposal that is voided while a change waits', () => {
  it('is made anew under its own rules, and the change follows when that is final', async () => {
    const system = await waiting();
    const { federation, policy, trainers, aggregators, time, first } = system;
    await voidProposal(system, first);
    const clock = await federation.clock();
    expect([clock.round, clock.baseRound, clock.rule, clock.maxWeight, clock.policyWaits]).to.deep.equal([
      1n,
      0n,
      0n,
      300n,
      true,
    ]);
    expect((await federation.parameters()).rule).to.equal(0n);
    expect(await federation.isTrainer(trainers[2]!.address)).to.equal(true);
    await proposeAggregate(federation, aggregators, 3);
    expect((await federation.clock()).round).to.equal(0n);
    expect((await policy.halt()).changeWaits).to.equal(true);
    await time.increase(500);
    await expect(federation.finalizeRound(1)).to.emit(federation, 'ParametersChanged');
    const next = await federation.clock();
    expect([next.round, next.rule, next.maxWeight, next.expectedTrainers]).to.deep.equal([3n, 1n, 7n, 2n]);
    expect(await federation.isTrainer(trainers[2]!.address)).to.equal(false);
  });

  it('again and again puts the change off for as long as there are bonds to lose', async () => {
    const system = await waiting();
    const { federation, policy, stake, aggregators, time, first, others } = system;
    await voidProposal(system, first);
    const { proposal } = await proposeAggregate(federation, aggregators, 3);
    await voidProposal(system, proposal);
    for (const { address } of aggregators) expect(await stake.bondedWei(federation, address)).to.equal(0n);
    expect((await policy.halt()).changeWaits).to.equal(true);
    await time.increase(10_000);
    await expect(federation.skipRound(1)).to.emit(federation, 'ParametersChanged');
    expect((await federation.clock()).round, 'nobody is left who could propose').to.equal(0n);
    await join(system, 'aggregator', others[9]!);
    const clock = await federation.clock();
    expect([clock.round, clock.rule, clock.maxWeight]).to.deep.equal([3n, 1n, 7n]);
  });
});

describe('What was decided and not carried out', () => {
  it('expires: nobody keeps a decision back for a better moment', async () => {
    const system = await running();
    const { governor, treasury, policy, time } = system;
    const { id, operation } = await decide(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    await time.increase(month + 1);
    expect(await governor.state(id)).to.equal(states.expired);
    await expect(governor.execute(...operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    );
    await expect(governor.queue(...operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    );
    await expect(treasury.executeBatch(...(await timelocked(system, operation)))).to.be.revertedWithCustomError(
      treasury,
      'TimelockUnexpectedOperationState',
    );
    expect((await policy.federationParameters()).trainerStakeWei).to.equal(100n);
  });

  it('is carried out once, also past the governor, whose own settings it alone carries out', async () => {
    const system = await running();
    const { governor, treasury, policy, stranger } = system;
    const mine = treasury.connect(stranger);
    const stake = await decide(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    const delay = await decide(system, [await callOf(governor, 'setVotingDelay', [60n])]);
    await mine.executeBatch(...(await timelocked(system, stake.operation)));
    expect((await policy.federationParameters()).trainerStakeWei).to.equal(200n);
    expect(await governor.state(stake.id)).to.equal(states.executed);
    await expect(governor.execute(...stake.operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    );
    await expect(mine.executeBatch(...(await timelocked(system, delay.operation)))).to.revert(system.ethers);
    await governor.execute(...delay.operation);
    expect(await governor.votingDelay()).to.equal(60n);
  });

  it('expires unqueued too, and not a moment before', async () => {
    const system = await running();
    const { governor, voters, time } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    await untilVote(system, proposed);
    for (const voter of voters) await governor.connect(voter).castVote(proposed.id, 1);
    await untilDecided(system, proposed);
    await time.increaseTo((await governor.proposalDeadline(proposed.id)) + BigInt(month));
    expect(await governor.state(proposed.id)).to.equal(states.succeeded);
    await time.increase(1);
    expect(await governor.state(proposed.id)).to.equal(states.expired);
    await expect(governor.queue(...proposed.operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    );
  });

  it('is not undone by a guardian that ends its pause before a vote that ends it', async () => {
    const system = await running();
    const { governor, policy, guardian } = system;
    await policy.connect(guardian).pause(1_000);
    const { operation } = await decide(system, [
      await callOf(policy, 'unpause', []),
      await callOf(policy, 'setGuardian', [ZeroAddress]),
    ]);
    await policy.connect(guardian).unpause();
    await governor.execute(...operation);
    expect((await policy.halt()).guardian).to.equal(ZeroAddress);
  });
});
