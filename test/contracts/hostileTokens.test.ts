import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { connect } from './connection.ts';

const behaviours = { honest: 0, takesFee: 1, returnsFalse: 2, reverts: 3, reenters: 4 };

async function bank() {
  const { ethers, networkHelpers, time } = await connect();
  const { takeSnapshot } = networkHelpers;
  const [account, treasury] = await ethers.getSigners();
  const token = await ethers.deployContract('HostileToken');
  const stake = await ethers.deployContract('Stake', [token, treasury!.address, 5000]);
  const federation = await ethers.deployContract('SlashingFederation');
  await token.approve(stake, 2n ** 200n);
  const behave = (behaviour: keyof typeof behaviours, call = '0x') => token.behave(behaviours[behaviour], stake, call);
  return { account: account!, treasury: treasury!, token, stake, federation, time, takeSnapshot, behave };
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

  it('keeps what it owes while a payment or the burning fails', async () => {
    const { account, treasury, token, stake, federation, behave } = await bank();
    await stake.deposit(federation, 10);
    await federation.slash(stake, account.address, 10, treasury.address, 2_000);
    await behave('reverts');
    await expect(stake.settleSlashed()).to.be.revertedWithCustomError(token, 'Refused');
    await expect(stake.connect(treasury).claimOwed()).to.be.revertedWithCustomError(token, 'Refused');
    await behave('returnsFalse');
    await expect(stake.connect(treasury).claimOwed()).to.be.revertedWithCustomError(stake, 'SafeERC20FailedOperation');
    expect(await stake.slashedWei()).to.equal(8);
    expect(await stake.owedWei(treasury.address)).to.equal(2);
    await behave('honest');
    await stake.settleSlashed();
    await stake.connect(treasury).claimOwed();
    expect(await token.balanceOf(treasury.address)).to.equal(6);
    expect(await token.balanceOf(stake)).to.equal(0);
  });

  it('pays out all that it holds where the token has begun to take a fee', async () => {
    const { account, token, stake, federation, time, behave } = await bank();
    await stake.deposit(federation, 1000);
    await stake.requestUnbond(federation, 1000);
    await time.increase(1000);
    await behave('takesFee');
    const before = await token.balanceOf(account.address);
    await stake.withdraw(federation);
    expect(await token.balanceOf(account.address)).to.equal(before + 990n);
    expect(await token.balanceOf(stake)).to.equal(0);
  });

  for (const outer of ['deposit', 'withdraw', 'claimOwed', 'settleSlashed'] as const) {
    it(`does not let the token reenter from ${outer}`, async () => {
      const { account, treasury, token, stake, federation, time, takeSnapshot, behave } = await bank();
      const address = await federation.getAddress();
      await stake.deposit(federation, 100);
      await federation.slash(stake, account.address, 10, treasury.address, 2_000);
      await stake.requestUnbond(federation, 40);
      await time.increase(1000);
      const { interface: abi } = stake;
      const calls = [
        abi.encodeFunctionData('deposit', [address, 1]),
        abi.encodeFunctionData('depositWithPermit', [address, 1, 0, 27, ZeroHash, ZeroHash]),
        abi.encodeFunctionData('withdraw', [address]),
        abi.encodeFunctionData('claimOwed'),
        abi.encodeFunctionData('settleSlashed'),
      ];
      const act = {
        deposit: () => stake.deposit(federation, 5),
        withdraw: () => stake.withdraw(federation),
        claimOwed: () => stake.connect(treasury).claimOwed(),
        settleSlashed: () => stake.settleSlashed(),
      }[outer];
      const heldAfter = { deposit: 105, withdraw: 60, claimOwed: 98, settleSlashed: 96 }[outer];
      const snapshot = await takeSnapshot();
      for (const call of calls) {
        await behave('reenters', call);
        await act();
        expect(await token.answer()).to.equal(abi.getError('ReentrancyGuardReentrantCall')!.selector);
        expect(await token.balanceOf(stake)).to.equal(heldAfter);
        await snapshot.restore();
      }
    });
  }

  it('refuses a permit that the token does not know, but takes the allowance', async () => {
    const { stake, federation, account } = await bank();
    await stake.depositWithPermit(federation, 5, 0, 27, `0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`);
    expect(await stake.bondedWei(federation, account.address)).to.equal(5);
  });
});
