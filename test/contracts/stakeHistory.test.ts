import { expect } from 'chai';
import { MaxUint256 } from 'ethers';
import { bank } from './bank.ts';
import { aggregatorBondWei, bond, found, trainerStakeWei } from './deployment.ts';
import { asChallenges } from './faults.ts';

/** A bank whose clock is set: `at(second)` puts the next block there, seconds counted from now. */
async function clocked() {
  const founded = await bank();
  const start = (await founded.time.latest()) + 100;
  const at = (second: number) => founded.time.setNextBlockTimestamp(start + second);
  const read = (second: number, federation = founded.federation) =>
    founded.stake.bondedWeiAt(federation, founded.depositor.address, start + second);
  return { ...founded, start, at, read };
}

describe('Stake.bondedWeiAt', () => {
  it('refuses the second that is not over, and later ones', async () => {
    const { stake, federation, depositor, time, ethers } = await bank();
    await time.increase(1);
    const { timestamp } = (await ethers.provider.getBlock('latest'))!;
    const read = (second: bigint | number) =>
      stake.bondedWeiAt(federation, depositor.address, second, { blockTag: 'latest' });
    for (const second of [timestamp, timestamp + 1, 2n ** 48n, MaxUint256]) {
      await expect(read(second)).to.be.revertedWithCustomError(stake, 'NotYetPast').withArgs(second);
    }
    expect(await read(timestamp - 1)).to.equal(0);
  });

  it('tells what was bonded at the end of each second', async () => {
    const { ethers, mine, federation, at, read, time } = await clocked();
    const other = await ethers.deployContract('SlashingFederation');
    await at(0);
    await mine.deposit(federation, 100);
    await at(10);
    await mine.requestUnbond(federation, 30);
    await at(20);
    await mine.deposit(federation, 5);
    await at(20);
    await mine.deposit(federation, 1);
    await at(20);
    await mine.deposit(other, 7);
    await time.increase(2000);
    await mine.withdraw(federation);
    await time.increase(1);
    const expected = [
      [-1, 0],
      [0, 100],
      [9, 100],
      [10, 70],
      [19, 70],
      [20, 76],
      [2019, 76],
    ] as const;
    for (const [second, wei] of expected) expect(await read(second), `second ${second}`).to.equal(wei);
    expect(await read(19, other)).to.equal(0);
    expect(await read(20, other)).to.equal(7);
  });

  it('finds any of many past seconds', async () => {
    const { mine, federation, at, read, time } = await clocked();
    for (let count = 0; count < 40; ++count) {
      await at(3 * count);
      await mine.deposit(federation, 1);
    }
    await time.increase(1);
    for (let count = 0; count < 40; ++count) {
      expect(await read(3 * count - 1)).to.equal(count);
      expect(await read(3 * count)).to.equal(count + 1);
    }
  });
});

describe('Stake.checkpoint', () => {
  it('lets anyone write down what a slash has left; the past stays', async () => {
    const { mine, stake, federation, depositor, challenger, at, read, time } = await clocked();
    await at(0);
    await mine.deposit(federation, 100);
    await at(10);
    await federation.slash(stake, depositor.address, 60, challenger.address, 5_000);
    await at(20);
    await stake.connect(challenger).checkpoint(federation, depositor.address);
    await time.increase(1);
    expect(await read(19)).to.equal(100);
    expect(await read(20)).to.equal(40);
    expect(await stake.bondedWei(federation, depositor.address)).to.equal(40);
  });

  it('writes nothing the second time, and nothing for an account without stake', async () => {
    const { mine, stake, federation, depositor, challenger, time } = await bank();
    await mine.deposit(federation, 100);
    await federation.slash(stake, depositor.address, 60, challenger.address, 5_000);
    await time.increase(1);
    const gas = async (account: string) => (await (await stake.checkpoint(federation, account)).wait())!.gasUsed;
    const [first, second] = [await gas(depositor.address), await gas(depositor.address)];
    // a new entry fills an empty slot; anything else only reads
    expect(Number(first)).to.be.above(45_000);
    expect(Number(second)).to.be.below(30_000);
    expect(Number(await gas(challenger.address))).to.be.below(30_000);
  });

  it('is made up for by the next deposit and the next request', async () => {
    const { mine, stake, federation, depositor, challenger, at, read, time } = await clocked();
    await mine.deposit(federation, 100);
    await federation.slash(stake, depositor.address, 60, challenger.address, 5_000);
    await at(10);
    await mine.deposit(federation, 2);
    await federation.slash(stake, depositor.address, 10, challenger.address, 5_000);
    await at(20);
    await mine.requestUnbond(federation, 1);
    await time.increase(1);
    expect(await read(10)).to.equal(42);
    expect(await read(20)).to.equal(31);
  });
});

describe('Stake.requireStake', () => {
  it('refuses less than is asked for, of what is bonded for the caller', async () => {
    const { mine, stake, federation, depositor } = await bank();
    await mine.deposit(federation, 100);
    await mine.requestUnbond(federation, 40);
    await expect(federation.requireStake(stake, depositor.address, 61))
      .to.be.revertedWithCustomError(stake, 'InsufficientStake')
      .withArgs(60, 61);
    await federation.requireStake(stake, depositor.address, 60);
    await expect(stake.requireStake(depositor.address, 1))
      .to.be.revertedWithCustomError(stake, 'InsufficientStake')
      .withArgs(0, 1);
  });

  it('writes down what a slash has left', async () => {
    const { mine, stake, federation, depositor, challenger, at, read, time } = await clocked();
    await mine.deposit(federation, 100);
    await federation.slash(stake, depositor.address, 60, challenger.address, 5_000);
    await at(10);
    await federation.requireStake(stake, depositor.address, 0);
    await time.increase(1);
    expect(await read(9)).to.equal(100);
    expect(await read(10)).to.equal(40);
  });
});

describe('the stake of a member', () => {
  it('is written down when it stays one after a slash', async () => {
    const founded = await found();
    const { federation, stake, aggregators, stranger, time } = founded;
    const both = aggregators[0]!;
    const challenges = await asChallenges(founded);
    await bond(founded, both, trainerStakeWei);
    await federation.connect(both).joinAsTrainer();
    await time.increase(1);
    await challenges.slashTrainer(both.address, 1, stranger.address);
    const slashedAt = await time.latest();
    await time.increase(1);
    expect(await stake.bondedWeiAt(federation, both.address, slashedAt - 1)).to.equal(
      aggregatorBondWei + trainerStakeWei,
    );
    expect(await stake.bondedWeiAt(federation, both.address, slashedAt)).to.equal(aggregatorBondWei);
  });

  it('is written down when it joins again on what a slash has left', async () => {
    const founded = await found();
    const { federation, stake, trainers, stranger, time } = founded;
    const trainer = trainers[0]!;
    const challenges = await asChallenges(founded);
    await bond(founded, trainer, trainerStakeWei);
    await challenges.slashTrainer(trainer.address, 1, stranger.address);
    await time.increase(1);
    await federation.connect(trainer).joinAsTrainer();
    const joinedAt = await time.latest();
    await time.increase(1);
    expect(await stake.bondedWeiAt(federation, trainer.address, joinedAt - 1)).to.equal(2n * trainerStakeWei);
    expect(await stake.bondedWeiAt(federation, trainer.address, joinedAt)).to.equal(trainerStakeWei);
  });
});
