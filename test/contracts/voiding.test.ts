import { expect } from 'chai';
import { id, ZeroAddress, ZeroHash } from 'ethers';
import {
  aggregatorBondWei,
  bond,
  deployFederation,
  type Founded,
  found,
  joinAsTrainer,
  parameters,
  ringSize,
} from './deployment.ts';
import { clockOf, faultProof, playFault, proposeFault, send, voidFault } from './faults.ts';
import { baseHash, modelRoot, playRound, propose, submission, submit } from './round.ts';

/** A proposal that is made again in the same second counts as one of the next. */
const windowSeconds = parameters.challengeSeconds + 10;

describe('Federation.voidProposal', () => {
  it('obeys the challenge contracts alone', async () => {
    const founded = await found();
    const { federation, stranger, trainers } = founded;
    const { proposal } = await playFault(founded);
    const refused = [
      federation.connect(stranger).voidProposal(proposal, stranger.address),
      federation.connect(stranger).holdProposal(proposal),
      federation.connect(stranger).slashTrainer(trainers[0]!.address, 1, stranger.address),
      federation.connect(stranger).slashSigner(trainers[0]!.address, 1, stranger.address),
    ];
    for (const call of refused) {
      await expect(call).to.be.revertedWithCustomError(federation, 'NotAChallengeContract').withArgs(stranger.address);
    }
  });

  it('refuses a round that was not proposed, another proposal, and one that is final', async () => {
    const founded = await found();
    const { federation, time } = founded;
    const { proposal } = await playFault(founded);
    for (const round of [0n, 2n, BigInt(1 + ringSize)]) {
      await expect(voidFault(founded, { ...proposal, round }))
        .to.be.revertedWithCustomError(federation, 'NotProposed')
        .withArgs(round);
    }
    const others = [
      { modelRoot: id('another') },
      { baseModelRoot: id('another') },
      { baseRound: 1n },
      { omittedHash: id('another') },
      { totalWeight: 3n * 258n + 1n },
    ];
    for (const other of others) {
      await expect(voidFault(founded, { ...proposal, ...other }))
        .to.be.revertedWithCustomError(federation, 'AnotherProposal')
        .withArgs(1);
    }
    await time.increase(500);
    await federation.finalizeRound(1);
    await expect(voidFault(founded, proposal)).to.be.revertedWithCustomError(federation, 'AlreadyFinal').withArgs(1);
  });

  it('refuses what another federation, or none, was proposed', async () => {
    const founded = await found();
    const { federation, ethers, challenges, stranger } = founded;
    const { proposal } = await playFault(founded);
    const other = await deployFederation(founded, { startTrainers: 3 }, [challenges.aggregate]);
    const data = await faultProof({ ...founded, federation: other }, proposal);
    await expect(send(challenges.aggregate, stranger, data)).to.be.revertedWithCustomError(other, 'NotProposed');
    const nowhere = challenges.aggregate.connect(stranger);
    const path = [ZeroHash, ZeroHash, ZeroHash, ZeroHash];
    await expect(nowhere.refuteColumnShape(stranger.address, proposal, 0, ZeroHash, path)).to.revert(ethers);
    expect((await federation.proposalOf(1)).round).to.equal(1);
  });

  it('opens the round again from the last good model, and its submissions stand', async () => {
    const founded = await found();
    const { federation, trainers, stranger, time } = founded;
    await submit(federation, ...trainers);
    const slots = await Promise.all(trainers.map(({ address }) => federation.submissionSlot(address, 1)));
    const { proposal, proposer } = await proposeFault(founded, 3);
    expect(await federation.baseHash()).to.equal(baseHash(modelRoot(1)));

    const at = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(at);
    await expect(voidFault(founded, proposal))
      .to.emit(federation, 'ProposalVoided')
      .withArgs(1, proposer.address, ZeroAddress, 3, at + parameters.submissionSeconds, 1)
      .and.to.emit(federation, 'AggregatorLeft')
      .withArgs(proposer.address);
    expect(await clockOf(founded)).to.deep.equal({
      round: 1,
      baseRound: 0,
      submissionDeadline: at + parameters.submissionSeconds,
    });
    expect(await federation.baseHash()).to.equal(baseHash(modelRoot(0)));
    expect((await federation.proposalOf(1)).round).to.equal(0);
    expect(await Promise.all(trainers.map(({ address }) => federation.submissionSlot(address, 1)))).to.deep.equal(
      slots,
    );

    await expect(federation.connect(trainers[0]!).submitUpdate(...submission(trainers[0]!.address, 1)))
      .to.be.revertedWithCustomError(federation, 'AlreadySubmitted')
      .withArgs(trainers[0]!.address, 1);
    await expect(voidFault(founded, proposal)).to.be.revertedWithCustomError(federation, 'NotProposed').withArgs(1);
    // who joins now brings nothing to it
    await joinAsTrainer(founded, stranger);
    await expect(federation.connect(stranger).submitUpdate(...submission(stranger.address, 1)))
      .to.be.revertedWithCustomError(federation, 'AlreadySubmitted')
      .withArgs(stranger.address, 1);

    const again = await propose(federation, founded.aggregators, 3);
    expect(again.proposer.address).to.not.equal(proposer.address);
    expect(again.proposal.baseModelRoot).to.equal(modelRoot(0));
    await time.increase(windowSeconds);
    await federation.finalizeRound(1);
    expect(await federation.finalRound()).to.equal(1);
  });

  it('voids all proposals that stand on it, and none below, where the ring is full', async () => {
    const founded = await found(3, 3);
    const { federation, trainers, aggregators, time } = founded;
    await playRound(federation, trainers, aggregators);
    const { proposal, proposer } = await playFault(founded);
    const { proposer: innocent } = await playRound(federation, trainers, aggregators);
    expect(await clockOf(founded)).to.deep.equal({ round: 0, baseRound: 3, submissionDeadline: 0 });

    await voidFault(founded, proposal);
    expect(await clockOf(founded)).to.include({ round: 2, baseRound: 1 });
    expect(await federation.baseHash()).to.equal(baseHash(modelRoot(1)));
    expect(await federation.latestRound()).to.equal(3);
    const standing = await Promise.all([1, 2, 3].map(async (round) => (await federation.proposalOf(round)).round));
    expect(standing).to.deep.equal([1n, 0n, 0n]);
    expect(await federation.isAggregator(proposer.address)).to.equal(false);
    expect(await federation.isAggregator(innocent.address), 'the one above is innocent').to.equal(true);
    for (const round of [2, 3]) {
      await expect(federation.finalizeRound(round)).to.be.revertedWithCustomError(federation, 'NotProposed');
    }

    await time.increase(windowSeconds);
    await federation.finalizeRound(1);
    await propose(federation, aggregators, 3);
    // rounds 2 and 3 are taken: the ring holds one more
    expect((await clockOf(founded)).round).to.equal(4);
    await playRound(federation, trainers, aggregators);
    await time.increase(windowSeconds);
    await federation.finalizeRound(2);
    await federation.finalizeRound(4);
    expect(await federation.settledRound()).to.be.at.least(4);
  });

  it('goes on for ten times around the ring, with every other proposal void', async () => {
    const founded = await found(3, 2);
    const { federation, trainers, aggregators, time } = founded;
    let finals = 0;
    for (let turn = 0; turn < 10 * ringSize; turn++) {
      if ((await clockOf(founded)).round === 0) {
        await time.increase(windowSeconds);
        await federation.finalizeRound((await nextToFinalize(founded))!);
        finals++;
      }
      const { proposal, proposer } = await playFault(founded);
      if (turn % 3 === 0 && (await clockOf(founded)).round !== 0) await playRound(federation, trainers, aggregators);
      await voidFault(founded, proposal);
      await bond(founded, proposer, aggregatorBondWei);
      await federation.connect(proposer).joinAsAggregator();
      const again = await propose(federation, aggregators, 3);
      expect(again.proposal.round).to.equal(proposal.round);
      expect(again.proposal.baseModelRoot).to.equal(proposal.baseModelRoot);
    }
    expect(finals).to.be.at.least(2 * ringSize);
  });

  it('may come several times in a row for one round', async () => {
    const founded = await found(3, 4);
    const { federation, trainers, aggregators, time } = founded;
    await submit(federation, ...trainers);
    const cheats = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      const { proposal, proposer } = await proposeFault(founded, 3);
      cheats.add(proposer.address);
      await voidFault(founded, proposal);
    }
    expect(cheats).to.have.lengthOf(3);
    await propose(federation, aggregators, 3);
    await time.increase(windowSeconds);
    await federation.finalizeRound(1);
  });

  it('reopens a round also where too few trainers are left to open another', async () => {
    const founded = await found();
    const { federation, trainers, aggregators, time } = founded;
    const { proposal } = await playFault(founded);
    await federation.connect(trainers[0]!).leaveAsTrainer();
    await federation.connect(trainers[1]!).leaveAsTrainer();
    await voidFault(founded, proposal);
    expect((await clockOf(founded)).round).to.equal(1);
    await propose(federation, aggregators, 3);
    expect((await clockOf(founded)).round, 'one trainer is too few').to.equal(0);
    await time.increase(windowSeconds);
    await federation.finalizeRound(1);
    expect(await federation.finalRound()).to.equal(1);
  });
});

/** The round whose proposal is the next to become final. */
async function nextToFinalize({ federation }: Founded): Promise<bigint | undefined> {
  const finalRound = await federation.finalRound();
  for (let round = finalRound + 1n; round <= (await federation.latestRound()); round++) {
    const record = await federation.proposalOf(round);
    if (record.round === round && record.baseRound === finalRound) return round;
  }
  return undefined;
}
