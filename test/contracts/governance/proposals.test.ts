import { expect } from 'chai';
import { Interface, parseEther, ZeroAddress, ZeroHash } from 'ethers';
import {
  type Call,
  callOf,
  decide,
  deploySystem,
  fieldsOf,
  oneToken,
  pass,
  propose,
  running,
  type System,
  setParameter,
  support,
  untilDecided,
  untilVote,
  votesWei,
} from './system.ts';

const states = { pending: 0n, active: 1n, canceled: 2n, defeated: 3n, succeeded: 4n, queued: 5n, executed: 7n };

describe('A governance proposal', () => {
  it('goes through vote, queue and delay before it is carried out', async () => {
    const system = await deploySystem();
    const { governor, policy, voters, time } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    expect(await governor.state(proposed.id)).to.equal(states.pending);
    await untilVote(system, proposed);
    expect(await governor.state(proposed.id)).to.equal(states.active);
    await governor.connect(voters[0]!).castVote(proposed.id, support.for);
    await governor.connect(voters[1]!).castVote(proposed.id, support.against);
    await governor.connect(voters[2]!).castVote(proposed.id, support.for);
    expect(await governor.proposalVotes(proposed.id)).to.deep.equal([votesWei, 2n * votesWei, 0n]);
    await untilDecided(system, proposed);
    expect(await governor.state(proposed.id)).to.equal(states.succeeded);
    await governor.queue(...proposed.operation);
    expect(await governor.state(proposed.id)).to.equal(states.queued);
    await time.increaseTo(await governor.proposalEta(proposed.id));
    await governor.execute(...proposed.operation);
    expect(await governor.state(proposed.id)).to.equal(states.executed);
    expect((await policy.federationParameters()).trainerStakeWei).to.equal(200n);
  });

  it('is refused from an account with too few votes', async () => {
    const system = await deploySystem();
    const call = await setParameter(system, 'trainerStakeWei', 200n);
    await expect(propose(system, [call], 'mine', system.stranger))
      .to.be.revertedWithCustomError(system.governor, 'GovernorInsufficientProposerVotes')
      .withArgs(system.stranger.address, 0n, 1_000n * oneToken);
  });

  it('is refused without calls, and when it is made twice', async () => {
    const system = await deploySystem();
    await expect(propose(system, [])).to.be.revertedWithCustomError(system.governor, 'GovernorInvalidProposalLength');
    const calls = [await setParameter(system, 'trainerStakeWei', 200n)];
    await propose(system, calls, 'once');
    await expect(propose(system, calls, 'once', system.voters[1]!)).to.be.revertedWithCustomError(
      system.governor,
      'GovernorUnexpectedProposalState',
    );
  });

  it('that names its proposer cannot be copied by another', async () => {
    const system = await deploySystem();
    const { governor, voters } = system;
    const calls = [await setParameter(system, 'trainerStakeWei', 200n)];
    const description = `raise the stake #proposer=${voters[0]!.address}`;
    await expect(propose(system, calls, description, voters[1]!))
      .to.be.revertedWithCustomError(governor, 'GovernorRestrictedProposer')
      .withArgs(voters[1]!.address);
    const { id } = await propose(system, calls, description, voters[0]!);
    expect(await governor.proposalProposer(id)).to.equal(voters[0]!.address);
  });

  it('is cancelled by its proposer only, and only before the vote', async () => {
    const system = await deploySystem();
    const { governor, voters } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    await expect(governor.connect(voters[1]!).cancel(...proposed.operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnableToCancel',
    );
    await governor.connect(voters[0]!).cancel(...proposed.operation);
    expect(await governor.state(proposed.id)).to.equal(states.canceled);
    const late = await propose(system, [await setParameter(system, 'trainerStakeWei', 201n)]);
    await untilVote(system, late);
    await expect(governor.connect(voters[0]!).cancel(...late.operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnableToCancel',
    );
  });
});

describe('A vote', () => {
  it('is refused before it begins, after the deadline, and twice', async () => {
    const system = await deploySystem();
    const { governor, voters } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    const vote = (index: number) => governor.connect(voters[index]!).castVote(proposed.id, support.for);
    await expect(vote(0)).to.be.revertedWithCustomError(governor, 'GovernorUnexpectedProposalState');
    await untilVote(system, proposed);
    await vote(0);
    await expect(vote(0))
      .to.be.revertedWithCustomError(governor, 'GovernorAlreadyCastVote')
      .withArgs(voters[0]!.address);
    await untilDecided(system, proposed);
    await expect(vote(1))
      .to.be.revertedWithCustomError(governor, 'GovernorUnexpectedProposalState')
      .withArgs(proposed.id, states.succeeded, `0x${'00'.repeat(31)}02`);
  });

  it('is for, against or abstain', async () => {
    const system = await deploySystem();
    const { governor, voters } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    await untilVote(system, proposed);
    await expect(governor.connect(voters[0]!).castVote(proposed.id, 3)).to.be.revertedWithCustomError(
      governor,
      'GovernorInvalidVoteType',
    );
  });

  it('of tokens that were borrowed after the snapshot, or within one transaction, counts nothing', async () => {
    const system = await deploySystem();
    const { governor, token, votingPower, founder, stranger, time } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    await untilVote(system, proposed);
    await token.connect(founder).transfer(stranger.address, votesWei);
    await token.connect(stranger).delegate(stranger.address);
    await governor.connect(stranger).castVote(proposed.id, support.against);
    expect((await governor.proposalVotes(proposed.id)).againstVotes).to.equal(0n);
    expect(await votingPower.getVotes(stranger.address)).to.equal(votesWei);
    await expect(
      votingPower.getPastVotes(stranger.address, (await time.latest()) + 1_000),
    ).to.be.revertedWithCustomError(votingPower, 'ERC5805FutureLookup');
  });

  it('without a quorum, or with more against it, decides nothing', async () => {
    const system = await deploySystem();
    const { governor, founder, stranger, token, voters } = system;
    await token.connect(founder).transfer(stranger.address, oneToken);
    await token.connect(stranger).delegate(stranger.address);
    const quiet = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    const lost = await propose(system, [await setParameter(system, 'trainerStakeWei', 201n)]);
    await untilVote(system, lost);
    await governor.connect(stranger).castVote(quiet.id, support.for);
    await governor.connect(voters[0]!).castVote(lost.id, support.for);
    await governor.connect(voters[1]!).castVote(lost.id, support.against);
    await untilDecided(system, lost);
    for (const { id, operation } of [quiet, lost]) {
      expect(await governor.state(id)).to.equal(states.defeated);
      await expect(governor.queue(...operation)).to.be.revertedWithCustomError(
        governor,
        'GovernorUnexpectedProposalState',
      );
    }
  });

  it('that reaches the quorum late leaves others the time to answer', async () => {
    const system = await deploySystem();
    const { governor, voters, time } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    const deadline = await governor.proposalDeadline(proposed.id);
    await time.increaseTo(deadline - 2n);
    await governor.connect(voters[0]!).castVote(proposed.id, support.for);
    const extended = await governor.proposalDeadline(proposed.id);
    expect(extended).to.equal(BigInt(await time.latest()) + 20n);
    await time.increaseTo(extended - 2n);
    await governor.connect(voters[1]!).castVote(proposed.id, support.against);
    expect(await governor.proposalDeadline(proposed.id)).to.equal(extended);
  });

  it('that reached the quorum in time is not extended by later votes', async () => {
    const system = await deploySystem();
    const { governor, voters, time } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    const deadline = await governor.proposalDeadline(proposed.id);
    await untilVote(system, proposed);
    await governor.connect(voters[0]!).castVote(proposed.id, support.abstain);
    await time.increaseTo(deadline - 2n);
    await governor.connect(voters[1]!).castVote(proposed.id, support.for);
    expect(await governor.proposalDeadline(proposed.id)).to.equal(deadline);
  });

  it('needs the quorum of the second before its proposal, whatever is burned or funded then', async () => {
    const system = await deploySystem();
    const { governor, token, founder, votingPower } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    const quorumWei = await governor.proposalQuorum(proposed.id);
    const madeAt = (await governor.proposalSnapshot(proposed.id)) - (await governor.votingDelay());
    expect(quorumWei).to.equal(await governor.quorum(madeAt - 1n));
    expect(quorumWei).to.equal((4n * (await votingPower.getPastTotalSupply(madeAt - 1n))) / 100n);
    await token.connect(founder).burn(100_000n * oneToken);
    await untilVote(system, proposed);
    expect(await governor.proposalQuorum(proposed.id)).to.equal(quorumWei);
    expect(await governor.quorum(await governor.proposalSnapshot(proposed.id))).to.be.below(quorumWei);
  });

  it('counts votes in millionths of a token', async () => {
    const system = await deploySystem();
    const { governor, token, founder, stranger } = system;
    await token.connect(founder).transfer(stranger.address, 3_999_999_999_999n);
    await token.connect(stranger).delegate(stranger.address);
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    await untilVote(system, proposed);
    await governor.connect(stranger).castVote(proposed.id, support.for);
    expect(await governor.proposalVotes(proposed.id)).to.deep.equal([0n, 3_000_000_000_000n, 0n]);
  });
});

describe('What was decided', () => {
  it('is not carried out before the delay, not twice, and not without a queue', async () => {
    const system = await deploySystem();
    const { governor, treasury, voters, time } = system;
    const proposed = await propose(system, [await setParameter(system, 'trainerStakeWei', 200n)]);
    await untilVote(system, proposed);
    await expect(governor.execute(...proposed.operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    );
    await governor.connect(voters[0]!).castVote(proposed.id, support.for);
    await untilDecided(system, proposed);
    await expect(governor.execute(...proposed.operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    );
    await governor.queue(...proposed.operation);
    await expect(governor.execute(...proposed.operation)).to.be.revertedWithCustomError(
      treasury,
      'TimelockUnexpectedOperationState',
    );
    await time.increaseTo(await governor.proposalEta(proposed.id));
    await governor.connect(system.stranger).execute(...proposed.operation);
    await expect(governor.execute(...proposed.operation)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    );
  });

  it('fails as a whole where one call fails', async () => {
    const system = await deploySystem();
    const { governor, policy, treasury } = system;
    const { operation } = await decide(system, [
      await setParameter(system, 'trainerStakeWei', 200n),
      await setParameter(system, 'trainerStakeWei', 0n),
    ]);
    await expect(governor.execute(...operation))
      .to.be.revertedWithCustomError(policy, 'ParameterOutOfBounds')
      .withArgs('trainerStakeWei', 0, 1, 2n ** 128n - 1n);
    expect((await policy.federationParameters()).trainerStakeWei).to.equal(100n);
    expect(await treasury.getMinDelay()).to.equal(50n);
  });

  it('spends what the treasury has, tokens and the chain’s own currency', async () => {
    const system = await deploySystem();
    const { ethers, founder, stranger, token, treasury } = system;
    await token.connect(founder).transfer(treasury, 70n);
    await founder.sendTransaction({ to: await treasury.getAddress(), value: parseEther('2') });
    const before = await ethers.provider.getBalance(stranger.address);
    await pass(system, await callOf(token, 'transfer', [stranger.address, 30n]), {
      target: stranger.address,
      data: '0x',
      value: parseEther('1'),
    });
    expect(await token.balanceOf(stranger.address)).to.equal(30n);
    expect(await token.balanceOf(treasury)).to.equal(40n);
    expect((await ethers.provider.getBalance(stranger.address)) - before).to.equal(parseEther('1'));
  });
});

describe('What no vote can do', () => {
  /** Each call with what it would be. */
  const forbidden: [string, (system: System) => Promise<Call>][] = [
    ['slash stake', ({ stake, stranger }) => callOf(stake, 'slash', [stranger.address, 1n, ZeroAddress, 0n])],
    ['withdraw stake', ({ stake, federation }) => callOf(stake, 'withdraw', [federation.target])],
    [
      'slash a trainer',
      ({ federation, stranger }) => callOf(federation, 'slashTrainer', [stranger.address, 1, ZeroAddress]),
    ],
    ['eject past the policy', ({ federation, stranger }) => callOf(federation, 'eject', [stranger.address])],
    ['void a proposal', ({ federation }) => voidCall(federation)],
    [
      'pull tokens',
      ({ token, stranger, treasury }) => callOf(token, 'transferFrom', [stranger.address, treasury.target, 1n]),
    ],
    ['vote with the treasury', ({ token, stranger }) => callOf(token, 'delegate', [stranger.address])],
    ['name an administrator', ({ treasury, stranger }) => callOf(treasury, 'grantRole', [ZeroHash, stranger.address])],
    [
      'schedule past the governor',
      ({ treasury, stranger }) => callOf(treasury, 'schedule', [stranger.address, 0n, '0x', ZeroHash, ZeroHash, 0n]),
    ],
    ['change the treasury', ({ governor, stranger }) => callOf(governor, 'updateTimelock', [stranger.address])],
    ['relay by the governor', ({ governor, stranger }) => callOf(governor, 'relay', [stranger.address, 0n, '0x'])],
    ['fund for votes of the treasury', ({ votingPower, rewards }) => callOf(votingPower, 'fund', [rewards.target, 1n])],
    ['pause as the guardian', ({ policy }) => callOf(policy, 'pause', [1n])],
    ['speak for the federation', ({ policy }) => callOf(policy, 'beforeRound', [1, true])],
    [
      'set rewards past the policy',
      ({ rewards, stranger }) => callOf(rewards, 'setPayee', [stranger.address, stranger.address]),
    ],
    ['call what nobody knows', async ({ stranger }) => ({ target: stranger.address, data: '0x12345678' })],
    ['call nothing', async ({ policy }) => ({ target: policy.target as string, data: '0x' })],
    [
      'pay a contract for a call',
      async ({ token, stranger }) => ({
        ...(await callOf(token, 'transfer', [stranger.address, 1n])),
        value: 1n,
      }),
    ],
  ];

  for (const [what, of] of forbidden) {
    it(`is to ${what}`, async () => {
      const system = await deploySystem();
      const call = await of(system);
      await expect(propose(system, [await setParameter(system, 'trainerStakeWei', 200n), call]))
        .to.be.revertedWithCustomError(system.governedCalls, 'CallNotGoverned')
        .withArgs(call.target, call.data.slice(0, 10).padEnd(10, '0'));
    });
  }

  it('is to govern a task that no vote has started', async () => {
    const system = await deploySystem();
    const other = await system.ethers.deployContract('Policy', [
      system.treasury.target,
      ZeroAddress,
      system.federation.target,
      system.rewards.target,
      fieldsOf(await system.policy.federationParameters()),
      fieldsOf(await system.policy.rewardParameters()),
      fieldsOf(await system.policy.documents()),
    ]);
    const call = await callOf(other, 'retire', []);
    await expect(propose(system, [call])).to.be.revertedWithCustomError(system.governedCalls, 'CallNotGoverned');
  });

  it('is possible to the treasury when it calls directly', async () => {
    const system = await running();
    const { networkHelpers, ethers, federation, stake, treasury, trainers } = system;
    const address = await treasury.getAddress();
    await networkHelpers.setBalance(address, parseEther('1'));
    const direct = await ethers.getImpersonatedSigner(address);
    const trainer = trainers[0]!.address;
    await expect(federation.connect(direct).slashTrainer(trainer, 1, address))
      .to.be.revertedWithCustomError(federation, 'NotAChallengeContract')
      .withArgs(address);
    await expect(direct.sendTransaction({ to: federation.target, data: (await voidCall(federation)).data }))
      .to.be.revertedWithCustomError(federation, 'NotAChallengeContract')
      .withArgs(address);
    await expect(federation.connect(direct).eject(trainer))
      .to.be.revertedWithCustomError(federation, 'NotThePolicy')
      .withArgs(address);
    const bonded = await stake.bondedWei(federation, trainer);
    await stake.connect(direct).slash(trainer, bonded, address, 5_000n);
    expect(await stake.bondedWei(federation, trainer)).to.equal(bonded);
    expect(await stake.owedWei(address)).to.equal(0n);
  });
});

/** Of a proposal that says nothing: it is refused for who asks. */
async function voidCall(federation: System['federation']): Promise<Call> {
  const abi = new Interface(federation.interface.fragments);
  const { inputs } = abi.getFunction('voidProposal')!;
  const blank = inputs[0]!.components!.map(({ type }) => (type === 'bytes32' ? ZeroHash : 0));
  return { target: await federation.getAddress(), data: abi.encodeFunctionData('voidProposal', [blank, ZeroAddress]) };
}

describe('The settings of the governor', () => {
  const bounds: [string, bigint, bigint, string][] = [
    ['setVotingDelay', 5n, 2_592_000n, 'votingDelay'],
    ['setVotingPeriod', 5n, 2_592_000n, 'votingPeriod'],
    ['setProposalThreshold', 1n, 10_000_000n * oneToken, 'proposalThreshold'],
    ['updateQuorumNumerator', 1n, 50n, 'quorumNumerator'],
    ['setLateQuorumVoteExtension', 5n, 2_592_000n, 'lateQuorumVoteExtension'],
  ];

  for (const [method, least, most, name] of bounds) {
    it(`keep ${name} within its bounds`, async () => {
      const system = await deploySystem();
      const { governor } = system;
      for (const value of [least - 1n, most + 1n]) {
        const { operation } = await decide(system, [await callOf(governor, method, [value])]);
        await expect(governor.execute(...operation))
          .to.be.revertedWithCustomError(governor, 'ParameterOutOfBounds')
          .withArgs(name, value, least, most);
      }
      const within = method === 'setLateQuorumVoteExtension' ? 100n : most;
      const receipt = await pass(system, await callOf(governor, method, [within]));
      expect(receipt.status).to.equal(1);
      if (name === 'quorumNumerator') expect(await governor['quorumNumerator()']()).to.equal(within);
      else expect(await (governor as unknown as Record<string, () => Promise<bigint>>)[name]!()).to.equal(within);
    });
  }

  it('are changed by a vote only', async () => {
    const { governor, treasury, stranger } = await deploySystem();
    await expect(governor.connect(stranger).setVotingDelay(6)).to.be.revertedWithCustomError(
      governor,
      'GovernorOnlyExecutor',
    );
    await expect(treasury.connect(stranger).updateDelay(6)).to.be.revertedWithCustomError(
      treasury,
      'TimelockUnauthorizedCaller',
    );
  });

  it('keep the delay of the treasury within its bounds', async () => {
    const system = await deploySystem();
    const { treasury, governedCalls } = system;
    for (const value of [4n, 2_592_001n]) {
      const call = await callOf(treasury, 'updateDelay', [value]);
      await expect(propose(system, [call]))
        .to.be.revertedWithCustomError(governedCalls, 'ParameterOutOfBounds')
        .withArgs('timelockDelay', value, 5n, 2_592_000n);
    }
    await pass(system, await callOf(treasury, 'updateDelay', [60n]));
    expect(await treasury.getMinDelay()).to.equal(60n);
  });
});
