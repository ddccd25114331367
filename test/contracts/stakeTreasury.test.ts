import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { bank, treasuryBasisPoints } from './bank.ts';

/** A bank in which slashes have taken `slashedWei` that no challenger is owed. */
async function afterSlash(slashedWei: bigint) {
  const founded = await bank();
  const { mine, federation, stake, depositor } = founded;
  await mine.deposit(federation, slashedWei);
  await federation.slash(stake, depositor.address, slashedWei, ZeroAddress, 0);
  return founded;
}

describe('Stake.constructor', () => {
  it('refuses a token or a treasury at the zero address, and more than the whole for the treasury', async () => {
    const { ethers, stake, token, treasury } = await bank();
    for (const [tokenAddress, treasuryAddress] of [
      [ZeroAddress, treasury.address],
      [await token.getAddress(), ZeroAddress],
    ]) {
      await expect(ethers.deployContract('Stake', [tokenAddress!, treasuryAddress!, 0])).to.be.revertedWithCustomError(
        stake,
        'ZeroAddress',
      );
    }
    await expect(ethers.deployContract('Stake', [token, treasury.address, 10_001]))
      .to.be.revertedWithCustomError(stake, 'BasisPointsTooHigh')
      .withArgs(10_001, 10_000);
  });

  it('fixes the treasury and sets its share', async () => {
    const { stake, treasury } = await bank();
    expect(await stake.treasury()).to.equal(treasury.address);
    expect(await stake.treasuryBasisPoints()).to.equal(treasuryBasisPoints);
    await expect(stake.deploymentTransaction()).to.emit(stake, 'TreasuryBasisPointsSet').withArgs(treasuryBasisPoints);
  });
});

describe('Stake.settleSlashed', () => {
  it('refuses where no slashed stake waits, also the second time', async () => {
    const { stake } = await afterSlash(10n);
    await stake.settleSlashed();
    await expect(stake.settleSlashed()).to.be.revertedWithCustomError(stake, 'ZeroAmount').withArgs();
    const { stake: fresh } = await bank();
    await expect(fresh.settleSlashed()).to.be.revertedWithCustomError(fresh, 'ZeroAmount').withArgs();
  });

  it('owes the treasury its share, rounded down, and burns the rest, whoever calls', async () => {
    const { stake, token, treasury, challenger, held } = await afterSlash(31n);
    const supply = await token.totalSupply();
    await expect(stake.connect(challenger).settleSlashed()).to.emit(stake, 'SlashedSettled').withArgs(7, 24);
    expect(await stake.slashedWei()).to.equal(0);
    expect(await stake.owedWei(treasury.address)).to.equal(7);
    expect(await token.totalSupply()).to.equal(supply - 24n);
    expect(await held()).to.equal(7);
    await stake.connect(treasury).claimOwed();
    expect(await token.balanceOf(treasury.address)).to.equal(7);
    expect(await held()).to.equal(0);
  });

  it('owes the treasury a single wei, and a large sum to the wei', async () => {
    for (const [slashedWei, treasuryWei] of [
      [4n, 1n],
      [400_000n, 100_000n],
    ] as const) {
      const { stake, treasury } = await afterSlash(slashedWei);
      await stake.settleSlashed();
      expect(await stake.owedWei(treasury.address)).to.equal(treasuryWei);
    }
  });

  it('burns dust', async () => {
    const { stake, treasury } = await afterSlash(3n);
    await expect(stake.settleSlashed()).to.emit(stake, 'SlashedSettled').withArgs(0, 3);
    expect(await stake.owedWei(treasury.address)).to.equal(0);
  });

  it('adds to what the treasury is owed as a challenger, and leaves what others are owed', async () => {
    const { mine, stake, federation, depositor, challenger, treasury } = await bank();
    await mine.deposit(federation, 200);
    await federation.slash(stake, depositor.address, 100, treasury.address, 1_000);
    await federation.slash(stake, depositor.address, 100, challenger.address, 5_000);
    await stake.settleSlashed();
    expect(await stake.owedWei(treasury.address)).to.equal(10 + 35);
    expect(await stake.owedWei(challenger.address)).to.equal(50);
  });
});

describe('Stake.setTreasuryBasisPoints', () => {
  it('refuses all but the treasury, and more than the whole', async () => {
    const { stake, holder, depositor, treasury } = await bank();
    for (const account of [holder, depositor]) {
      await expect(stake.connect(account).setTreasuryBasisPoints(0))
        .to.be.revertedWithCustomError(stake, 'NotTheTreasury')
        .withArgs(account.address);
    }
    await expect(stake.connect(treasury).setTreasuryBasisPoints(10_001))
      .to.be.revertedWithCustomError(stake, 'BasisPointsTooHigh')
      .withArgs(10_001, 10_000);
    expect(await stake.treasuryBasisPoints()).to.equal(treasuryBasisPoints);
  });

  it('lets nothing burn at a share of the whole, and all at a share of zero, also of what was slashed before', async () => {
    for (const [basisPoints, treasuryWei, burnedWei] of [
      [10_000, 31n, 0n],
      [0, 0n, 31n],
    ] as const) {
      const { stake, token, treasury } = await afterSlash(31n);
      const supply = await token.totalSupply();
      await expect(stake.connect(treasury).setTreasuryBasisPoints(basisPoints))
        .to.emit(stake, 'TreasuryBasisPointsSet')
        .withArgs(basisPoints);
      await expect(stake.settleSlashed()).to.emit(stake, 'SlashedSettled').withArgs(treasuryWei, burnedWei);
      expect(await token.totalSupply()).to.equal(supply - burnedWei);
      expect(await stake.owedWei(treasury.address)).to.equal(treasuryWei);
    }
  });
});
