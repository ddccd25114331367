import { expect } from 'chai';
import { id } from 'ethers';
import { aggregatorBondWei, bond, found, joinAsAggregator } from './deployment.ts';

describe('Federation: aggregators', () => {
  it('refuses too small a bond, joining twice, and leaving without being there', async () => {
    const deployment = await found();
    const { federation, aggregators, stranger } = deployment;
    await bond(deployment, stranger, aggregatorBondWei - 1n);
    await expect(federation.connect(stranger).joinAsAggregator())
      .to.be.revertedWithCustomError(federation, 'InsufficientStake')
      .withArgs(aggregatorBondWei - 1n, aggregatorBondWei);
    await expect(federation.connect(aggregators[0]!).joinAsAggregator())
      .to.be.revertedWithCustomError(federation, 'AlreadyAnAggregator')
      .withArgs(aggregators[0]!.address);
    await expect(federation.connect(stranger).leaveAsAggregator())
      .to.be.revertedWithCustomError(federation, 'NotAnAggregator')
      .withArgs(stranger.address);
  });

  it('are listed, take turns, and leave from any place', async () => {
    const { federation, aggregators } = await found(3, 3);
    const addresses = aggregators.map(({ address }) => address);
    // round 1 was opened, and the turn went on by one
    const [first, second, third] = addresses;
    expect(await federation.aggregators()).to.deep.equal([second, third, first]);
    await expect(federation.connect(aggregators[2]!).leaveAsAggregator())
      .to.emit(federation, 'AggregatorLeft')
      .withArgs(third);
    expect(await federation.aggregators()).to.deep.equal([second, first]);
    await federation.connect(aggregators[1]!).leaveAsAggregator();
    await federation.connect(aggregators[0]!).leaveAsAggregator();
    expect(await federation.aggregators()).to.deep.equal([]);
    expect(await federation.turnHolder()).to.equal(`0x${'0'.repeat(40)}`);
    await federation.connect(aggregators[1]!).joinAsAggregator();
    expect(await federation.turnHolder()).to.equal(second);
  });

  it('are 128 at most: a majority of their signatures fits a transaction', async function () {
    this.timeout(60_000);
    const deployment = await found(3, 0);
    const { federation, ethers, networkHelpers, accounts } = deployment;
    for (let index = 0; index < 128; index++) {
      const address = id(`aggregator ${index}`).slice(0, 42);
      await networkHelpers.setBalance(address, 10n ** 18n);
      await joinAsAggregator(deployment, await ethers.getImpersonatedSigner(address));
    }
    await bond(deployment, accounts[9]!, aggregatorBondWei);
    await expect(federation.connect(accounts[9]!).joinAsAggregator())
      .to.be.revertedWithCustomError(federation, 'TooManyAggregators')
      .withArgs(128);
  });

  it('take one place each, however often one leaves and joins again', async function () {
    this.timeout(60_000);
    const founded = await found(3, 3);
    const { federation, aggregators, stranger } = founded;
    const holder = await federation.turnHolder();
    const restless = aggregators.find(({ address }) => address !== holder)!;
    for (let time = 0; time < 130; time++) {
      await federation.connect(restless).leaveAsAggregator();
      await federation.connect(restless).joinAsAggregator();
    }
    await joinAsAggregator(founded, stranger);
    expect(await federation.aggregators()).to.have.length(4);
  });

  it('say where they serve', async () => {
    const { federation, stranger } = await found();
    await expect(federation.connect(stranger).announceEndpoint('http://127.0.0.1:4800'))
      .to.emit(federation, 'EndpointAnnounced')
      .withArgs(stranger.address, 'http://127.0.0.1:4800');
  });
});
