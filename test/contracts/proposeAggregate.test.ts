import { expect } from 'chai';
import { id, ZeroHash } from 'ethers';
import { type Founded, found, parameters } from './deployment.ts';
import { baseHash, modelRoot, proposalFor, propose, proposeAs, submit, turnHolderOf } from './round.ts';

/** The aggregator whose turn it is in the open round, and one whose turn it is not. */
async function turn({ federation, aggregators }: Founded) {
  const holder = await turnHolderOf(federation, aggregators);
  const other = aggregators.find((aggregator) => aggregator !== holder)!;
  return { holder, other };
}

describe('Federation.proposeAggregate', () => {
  it('refuses an account that is no aggregator, and a round that is not open', async () => {
    const founded = await found();
    const { federation, trainers, aggregators, stranger } = founded;
    const { holder } = await turn(founded);
    await submit(federation, ...trainers);
    const proposal = await proposalFor(federation, 3);
    await expect(proposeAs(federation, stranger, proposal, aggregators))
      .to.be.revertedWithCustomError(federation, 'NotAnAggregator')
      .withArgs(stranger.address);
    for (const round of [0, 2]) {
      await expect(proposeAs(federation, holder, { ...proposal, round }, aggregators))
        .to.be.revertedWithCustomError(federation, 'WrongRound')
        .withArgs(round, 1);
    }
  });

  it('refuses too few inputs, too many, and fewer than all before the deadline', async () => {
    const founded = await found();
    const { federation, trainers, aggregators, time } = founded;
    const { holder } = await turn(founded);
    await submit(federation, ...trainers);
    const { submissionDeadline } = await federation.clock();
    const proposal = await proposalFor(federation, 2);
    const offer = (inputCount: number) => proposeAs(federation, holder, { ...proposal, inputCount }, aggregators);
    await expect(offer(1)).to.be.revertedWithCustomError(federation, 'TooFewInputs').withArgs(1, 2);
    await expect(offer(4)).to.be.revertedWithCustomError(federation, 'TooManyInputs').withArgs(4, 3);
    await expect(offer(2))
      .to.be.revertedWithCustomError(federation, 'SubmissionsOpen')
      .withArgs(submissionDeadline, 2, 3);
    await time.setNextBlockTimestamp(submissionDeadline);
    await offer(2);
  });

  it('refuses another base than the open round has', async () => {
    const founded = await found();
    const { federation, trainers, aggregators } = founded;
    const { holder } = await turn(founded);
    await submit(federation, ...trainers);
    const proposal = await proposalFor(federation, 3);
    const base = baseHash(proposal.baseModelRoot);
    for (const change of [{ baseModelRoot: id('other') }, { reputations: id('other') }, { baseRound: 1 }]) {
      const { baseModelRoot, reputations } = { ...proposal, ...change };
      await expect(proposeAs(federation, holder, { ...proposal, ...change }, aggregators))
        .to.be.revertedWithCustomError(federation, 'WrongBase')
        .withArgs(baseHash(baseModelRoot, reputations), base);
    }
  });

  it('records the proposal and opens the next round from it', async () => {
    const { federation, trainers, aggregators, ethers } = await found();
    await submit(federation, ...trainers);
    const { proposal, proposer, response } = await propose(federation, aggregators, 3);
    await expect(response)
      .to.emit(federation, 'AggregateProposed')
      .withArgs(1, proposer.address, Object.values(proposal), [], (await federation.proposalOf(1)).closesAt, ZeroHash);
    const { submissionDeadline } = await federation.clock();
    await expect(response).to.emit(federation, 'RoundOpened').withArgs(2, 1, 3, submissionDeadline);
    const record = await federation.proposalOf(1);
    const block = await ethers.provider.getBlock('latest');
    expect(record.closesAt).to.equal(record.proposedAt + BigInt(parameters.challengeSeconds));
    expect([record.proposer, record.round, record.baseRound, record.proposedAt, record.modelRoot]).to.deep.equal([
      proposer.address,
      1n,
      0n,
      BigInt(block!.timestamp),
      modelRoot(1),
    ]);
    expect(await federation.baseHash()).to.equal(baseHash(modelRoot(1)));
    expect(await federation.latestRound()).to.equal(2);
    expect(await federation.finalRound()).to.equal(0);
    expect((await federation.proposalOf(5)).proposer, 'same place, other round').to.equal(ethers.ZeroAddress);
  });

  it('takes a proposal out of turn only a turn after the deadline', async () => {
    const founded = await found();
    const { federation, trainers, aggregators, time } = founded;
    const { holder, other } = await turn(founded);
    await submit(federation, ...trainers);
    const { submissionDeadline } = await federation.clock();
    const proposal = await proposalFor(federation, 3);
    const endsAt = submissionDeadline + 100n;
    await time.setNextBlockTimestamp(endsAt - 1n);
    await expect(proposeAs(federation, other, proposal, aggregators))
      .to.be.revertedWithCustomError(federation, 'NotYourTurn')
      .withArgs(holder.address, endsAt);
    await time.setNextBlockTimestamp(endsAt);
    await proposeAs(federation, other, proposal, aggregators);
  });
});

describe('Federation.claimTurn', () => {
  it('refuses an account that is no aggregator, and a round that is not open', async () => {
    const { federation, aggregators, stranger } = await found();
    await expect(federation.connect(stranger).claimTurn(1, id('digest')))
      .to.be.revertedWithCustomError(federation, 'NotAnAggregator')
      .withArgs(stranger.address);
    for (const round of [0, 2]) {
      await expect(federation.connect(aggregators[0]!).claimTurn(round, id('digest')))
        .to.be.revertedWithCustomError(federation, 'WrongRound')
        .withArgs(round, 1);
    }
  });

  it('lets the claimant propose a turn later what it claimed with, and nothing else', async () => {
    const founded = await found();
    const { federation, trainers, aggregators, time, ethers } = founded;
    const { holder, other } = await turn(founded);
    await submit(federation, ...trainers);
    const proposal = await proposalFor(federation, 3);
    const { chainId } = await ethers.provider.getNetwork();
    const fragment = federation.interface.getFunction('proposeAggregate').inputs[0]!;
    const digest = ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(
        ['uint256', 'address', 'address', fragment],
        [chainId, await federation.getAddress(), other.address, proposal],
      ),
    );
    const claimed = federation.connect(other).claimTurn(1, digest);
    await expect(claimed).to.emit(federation, 'TurnClaimed').withArgs(1, other.address, digest);
    const claimedAt = BigInt(await time.latest());
    const { submissionDeadline } = await federation.clock();

    await time.setNextBlockTimestamp(claimedAt + 99n);
    await expect(proposeAs(federation, other, proposal, aggregators))
      .to.be.revertedWithCustomError(federation, 'NotYourTurn')
      .withArgs(holder.address, claimedAt + 100n);
    await time.setNextBlockTimestamp(claimedAt + 100n);
    await expect(proposeAs(federation, other, { ...proposal, modelRoot: id('another') }, aggregators))
      .to.be.revertedWithCustomError(federation, 'NotYourTurn')
      .withArgs(holder.address, submissionDeadline + 100n);
    await proposeAs(federation, other, proposal, aggregators);
  });
});
