import { expect } from 'chai';
import { connect } from './deployment.ts';

const behaviours = { honest: 0, takesFee: 1, returnsFalse: 2, reverts: 3, reenters: 4 };

async function bank() {
  const { ethers, time } = await connect();
  const [account] = await ethers.getSigners();
  const token = await ethers.deployContract('HostileToken');
  const stake = await ethers.deployContract('Stake', [token]);
  const federation = await ethers.deployContract('SlashingFederation');
  await token.approve(stake, 2n ** 200n);
  const behave = (behaviour: keyof typeof behaviours, call = '0x') => token.behave(behaviours[behaviour], stake, call);
  return { account: account!, token, stake, federation, time, behave };
}

describe('Stake with a hostile token', () => {
  it('refuses a fee on transfer', async () => {
    const { stake, federation, behave } = await bank();
    await behave('takesFee');
    await expect(stake.deposit(federation, 1000))
      .to.be.revertedWithCustomError(stake, 'TokenTookFee')
      .withArgs(1000, 990);
  });

  it('refuses a deposit above 128 bits, in place of cutting it', async () => {
    const { stake, federation } = await bank();
    await expect(stake.deposit(federation, 2n ** 128n))
      .to.be.revertedWithCustomError(stake, 'SafeCastOverflowedUintDowncast')
      .withArgs(128, 2n ** 128n);
    await stake.deposit(federation, 2n ** 128n - 1n);
    await expect(stake.deposit(federation, 1)).to.be.revertedWithPanic(0x11);
  });

  it('fails where a transfer returns false or reverts, and pays when the token has recovered', async () => {
    const { account, token, stake, federation, time, behave } = await bank();
    await behave('returnsFalse');
    await expect(stake.deposit(federation, 10))
      .to.be.revertedWithCustomError(stake, 'SafeERC20FailedOperation')
      .withArgs(await token.getAddress());
    await behave('reverts');
    await expect(stake.deposit(federation, 10)).to.be.revertedWithCustomError(token, 'Refused');
    await behave('honest');
    await stake.deposit(federation, 10);
    await stake.requestUnbond(federation, 10);
    await time.increase(1000);
    await behave('returnsFalse');
    await expect(stake.withdraw(federation)).to.be.revertedWithCustomError(stake, 'SafeERC20FailedOperation');
    await behave('reverts');
    await expect(stake.withdraw(federation)).to.be.revertedWithCustomError(token, 'Refused');
    expect(await stake.unbondingWei(federation, account.address)).to.equal(10);
    await behave('honest');
    await stake.withdraw(federation);
    expect(await token.balanceOf(stake)).to.equal(0);
  });

  for (const entry of ['deposit', 'withdraw', 'claimOwed', 'burnSlashed'] as const) {
    it(`does not let a transfer come back into ${entry}`, async () => {
      const { account, token, stake, federation, behave } = await bank();
      const address = await federation.getAddress();
      const call = {
        deposit: () => stake.interface.encodeFunctionData('deposit', [address, 1]),
        withdraw: () => stake.interface.encodeFunctionData('withdraw', [address]),
        claimOwed: () => stake.interface.encodeFunctionData('claimOwed'),
        burnSlashed: () => stake.interface.encodeFunctionData('burnSlashed'),
      }[entry]();
      await behave('reenters', call);
      await stake.deposit(federation, 10);
      expect(await token.answer()).to.equal(stake.interface.getError('ReentrancyGuardReentrantCall')!.selector);
      expect(await stake.bondedWei(federation, account.address)).to.equal(10);
    });
  }

  it('refuses a permit that the token does not know, but takes the allowance', async () => {
    const { stake, federation, account } = await bank();
    await stake.depositWithPermit(federation, 5, 0, 27, `0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`);
    expect(await stake.bondedWei(federation, account.address)).to.equal(5);
  });
});
