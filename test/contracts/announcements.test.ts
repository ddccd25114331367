import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { aggregatorBondWei, type Founded, found } from './deployment.ts';
import { announce, announcementOf, faultProof, playFault, send } from './faults.ts';
import { playRound } from './round.ts';

const announcedSeconds = 120;
const pauseSeconds = 1200;

/** A wrong proposal, its proof, and two who would bring it. */
async function fault() {
  const founded = await found();
  const { proposal, proposer } = await playFault(founded);
  const data = await faultProof(founded, proposal);
  const [challenger, thief] = founded.accounts.slice(10) as [HardhatEthersSigner, HardhatEthersSigner];
  const { aggregate } = founded.challenges;
  return { founded, proposal, proposer, data, challenger, thief, aggregate };
}

/** Sends transactions into one block, in this order. Answers which of them succeeded. */
async function inOneBlock({ provider, ethers }: Founded, sends: (() => Promise<{ hash: string }>)[]) {
  await provider.request({ method: 'evm_setAutomine', params: [false] });
  const hashes: string[] = [];
  for (const sendOne of sends) hashes.push((await sendOne()).hash);
  await provider.request({ method: 'evm_mine' });
  await provider.request({ method: 'evm_setAutomine', params: [true] });
  const receipts = await Promise.all(hashes.map((hash) => ethers.provider.getTransactionReceipt(hash)));
  expect(new Set(receipts.map((receipt) => receipt!.blockNumber))).to.have.lengthOf(1);
  return receipts.map((receipt) => receipt!.status === 1);
}

describe('Challenges.announceChallenge', () => {
  it('emits who has announced, and hashes as announcementOf does', async () => {
    const { founded, data, challenger, aggregate } = await fault();
    const announcement = announcementOf(challenger.address, data);
    expect(await aggregate.announcementOf(challenger.address, data)).to.equal(announcement);
    await expect(aggregate.connect(challenger).announceChallenge(founded.federation, 1, announcement))
      .to.emit(aggregate, 'ChallengeAnnounced')
      .withArgs(await founded.federation.getAddress(), 1, challenger.address, announcement);
  });

  it('earns its sender half of the bond, from the next block on', async () => {
    const { founded, data, challenger, aggregate, proposer } = await fault();
    const { federation, stake } = founded;
    await announce(aggregate, federation, 1, challenger, data);
    await expect(send(aggregate, challenger, data))
      .to.emit(aggregate, 'ProposalRefuted')
      .withArgs(await federation.getAddress(), 1, challenger.address, data.slice(0, 10))
      .and.to.emit(stake, 'StakeSlashed')
      .withArgs(await federation.getAddress(), proposer.address, challenger.address, aggregatorBondWei, 500);
    expect(await stake.owedWei(challenger.address)).to.equal(aggregatorBondWei / 2n);
    expect(await stake.slashedWei()).to.equal(aggregatorBondWei / 2n);
  });

  it('earns nothing in its own block: whoever reads the mempool is too late', async () => {
    const { founded, data, thief, aggregate } = await fault();
    const { federation } = founded;
    const gasLimit = 1_000_000;
    const announcement = announcementOf(thief.address, data);
    const to = await aggregate.getAddress();
    const done = await inOneBlock(founded, [
      () => aggregate.connect(thief).announceChallenge(federation, 1, announcement, { gasLimit }),
      () => thief.sendTransaction({ to, data, gasLimit }),
    ]);
    expect(done).to.deep.equal([true, false]);
    expect((await federation.proposalOf(1)).round).to.equal(1);
  });

  it('holds a copied challenge back while it is young, and the copier is never paid', async () => {
    const { founded, data, challenger, thief, aggregate } = await fault();
    const { federation, stake, time } = founded;
    await announce(aggregate, federation, 1, challenger, data);
    const until = (await time.latest()) + announcedSeconds;
    await expect(send(aggregate, thief, data))
      .to.be.revertedWithCustomError(aggregate, 'ChallengeIsAnnounced')
      .withArgs(until);
    // the announcement too can be copied, but it names its sender
    const announcement = announcementOf(challenger.address, data);
    await aggregate.connect(thief).announceChallenge(federation, 1, announcement);
    await expect(send(aggregate, thief, data)).to.be.revertedWithCustomError(aggregate, 'ChallengeIsAnnounced');
    await send(aggregate, challenger, data);
    expect(await stake.owedWei(challenger.address)).to.equal(aggregatorBondWei / 2n);
    expect(await stake.owedWei(thief.address)).to.equal(0);
  });

  it('counts from the first time: whoever repeats it cannot hold it back', async () => {
    const { founded, data, challenger, thief, aggregate } = await fault();
    const { federation, stake } = founded;
    await announce(aggregate, federation, 1, challenger, data);
    const announcement = announcementOf(challenger.address, data);
    const gasLimit = 1_000_000;
    const to = await aggregate.getAddress();
    const done = await inOneBlock(founded, [
      () => aggregate.connect(thief).announceChallenge(federation, 1, announcement, { gasLimit }),
      () => challenger.sendTransaction({ to, data, gasLimit }),
    ]);
    expect(done).to.deep.equal([true, true]);
    expect(await stake.owedWei(challenger.address)).to.equal(aggregatorBondWei / 2n);
  });

  it('is not needed: an unannounced challenge is decided, and no challenger is owed a share of what it takes', async () => {
    const { founded, data, challenger, aggregate } = await fault();
    const { federation, stake } = founded;
    await send(aggregate, challenger, data);
    expect((await federation.clock()).round).to.equal(1);
    expect(await stake.owedWei(challenger.address)).to.equal(0);
    expect(await stake.slashedWei()).to.equal(aggregatorBondWei);
  });

  it('binds the calldata: another challenge earns nothing by it', async () => {
    const { founded, data, challenger, aggregate } = await fault();
    const { federation, stake, time } = founded;
    await announce(aggregate, federation, 1, challenger, `${data}00`);
    await expect(send(aggregate, challenger, data)).to.be.revertedWithCustomError(aggregate, 'ChallengeIsAnnounced');
    await time.increase(announcedSeconds);
    await send(aggregate, challenger, data);
    expect(await stake.owedWei(challenger.address)).to.equal(0);
  });

  it('holds nothing back in another round, federation or challenge contract', async () => {
    const founded = await found();
    const { federation, challenges, stranger, trainers, aggregators, accounts } = founded;
    await playRound(federation, trainers, aggregators);
    const { proposal } = await playFault(founded);
    const data = await faultProof(founded, proposal);
    await announce(challenges.aggregate, federation, 1, stranger, '0x01');
    await announce(challenges.inputs, federation, 2, stranger, '0x01');
    const elsewhere = federation.attach(accounts[9]!.address) as typeof federation;
    await announce(challenges.aggregate, elsewhere, 2, stranger, '0x01');
    await expect(send(challenges.aggregate, stranger, data)).to.emit(federation, 'ProposalVoided');
  });

  it('holds unannounced challenges back once in twenty minutes, so that nobody can keep them away', async () => {
    const { founded, data, challenger, thief, aggregate } = await fault();
    const { federation, time, networkHelpers } = founded;
    await announce(aggregate, federation, 1, thief, '0x01');
    const until = (await time.latest()) + announcedSeconds;
    await time.setNextBlockTimestamp(until - 1);
    await announce(aggregate, federation, 1, thief, '0x02');
    const snapshot = await networkHelpers.takeSnapshot();
    await time.setNextBlockTimestamp(until);
    await expect(send(aggregate, challenger, data), 'the second did not make it longer').to.emit(
      federation,
      'ProposalVoided',
    );
    await snapshot.restore();
    for (const [at, held] of [
      [until + pauseSeconds - 1, false],
      [until + pauseSeconds, true],
    ] as const) {
      await time.setNextBlockTimestamp(at);
      await announce(aggregate, federation, 1, thief, '0x03');
      const brought = send(aggregate, challenger, data);
      if (!held) await expect(brought).to.emit(federation, 'ProposalVoided');
      else {
        await expect(brought)
          .to.be.revertedWithCustomError(aggregate, 'ChallengeIsAnnounced')
          .withArgs(at + announcedSeconds);
      }
      await snapshot.restore();
    }
  });

  it('pays a challenger that has announced, also while no announcement holds anybody back', async () => {
    const { founded, data, challenger, thief, aggregate } = await fault();
    const { federation, stake, time } = founded;
    await announce(aggregate, federation, 1, thief, '0x01');
    await time.increase(announcedSeconds);
    await announce(aggregate, federation, 1, challenger, data);
    await send(aggregate, challenger, data);
    expect(await stake.owedWei(challenger.address)).to.equal(aggregatorBondWei / 2n);
  });
});
