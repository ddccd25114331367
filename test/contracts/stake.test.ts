import { expect } from 'chai';
import { MaxUint256, Signature, ZeroAddress } from 'ethers';
import { bank } from './bank.ts';
import { aggregatorBondWei, found, trainerStakeWei } from './deployment.ts';
import { playRound } from './round.ts';

describe('Stake.deposit', () => {
  it('refuses an amount of zero, the zero address, an address that is no federation, and more than 128 bits', async () => {
    const { mine, stake, federation, token, challenger } = await bank();
    await expect(mine.deposit(federation, 0)).to.be.revertedWithCustomError(stake, 'ZeroAmount').withArgs();
    await expect(mine.deposit(ZeroAddress, 1)).to.be.revertedWithCustomError(stake, 'ZeroAddress').withArgs();
    for (const address of [challenger.address, await token.getAddress()]) {
      await expect(mine.deposit(address, 1)).to.be.revertedWithCustomError(stake, 'NotAFederation').withArgs(address);
    }
    await expect(mine.deposit(federation, 1_000_001)).to.be.revertedWithCustomError(
      token,
      'ERC20InsufficientAllowance',
    );
  });

  it('takes one wei, adds up, and keeps federations apart', async () => {
    const { ethers, mine, stake, federation, depositor, held } = await bank();
    const other = await ethers.deployContract('SlashingFederation');
    await expect(mine.deposit(federation, 1))
      .to.emit(stake, 'StakeDeposited')
      .withArgs(await federation.getAddress(), depositor.address, 1);
    await mine.deposit(federation, 41);
    await mine.deposit(other, 7);
    expect(await stake.bondedWei(federation, depositor.address)).to.equal(42);
    expect(await stake.bondedWei(other, depositor.address)).to.equal(7);
    expect(await held()).to.equal(49);
  });

  it('takes a permit in place of an allowance, also one that someone else has submitted first', async () => {
    const { ethers, stake, token, federation, challenger, holder } = await bank();
    await token.transfer(challenger.address, 60n);
    const permit = async (value: bigint, nonce: bigint) => {
      const { name, version, chainId, verifyingContract } = await token.eip712Domain();
      const signature = await challenger.signTypedData(
        { name, version, chainId, verifyingContract },
        {
          Permit: [
            { name: 'owner', type: 'address' },
            { name: 'spender', type: 'address' },
            { name: 'value', type: 'uint256' },
            { name: 'nonce', type: 'uint256' },
            { name: 'deadline', type: 'uint256' },
          ],
        },
        { owner: challenger.address, spender: await stake.getAddress(), value, nonce, deadline: MaxUint256 },
      );
      const { v, r, s } = Signature.from(signature);
      return [MaxUint256, v, r, s] as const;
    };
    await stake.connect(challenger).depositWithPermit(federation, 10, ...(await permit(10n, 0n)));
    const signed = await permit(20n, 1n);
    await token.connect(holder).permit(challenger.address, stake, 20, ...signed);
    await stake.connect(challenger).depositWithPermit(federation, 20, ...signed);
    expect(await stake.bondedWei(federation, challenger.address)).to.equal(30);
    await expect(stake.connect(challenger).depositWithPermit(federation, 30, ...signed))
      .to.be.revertedWithCustomError(token, 'ERC20InsufficientAllowance')
      .withArgs(await stake.getAddress(), 0, 30);
    expect(await ethers.provider.getBalance(stake)).to.equal(0);
  });
});

describe('Stake.requestUnbond and withdraw', () => {
  it('refuses an amount of zero, more than there is, and what the roles need', async () => {
    const { mine, stake, federation, depositor } = await bank();
    await mine.deposit(federation, 100);
    await federation.require_(depositor.address, 60);
    await expect(mine.requestUnbond(federation, 0)).to.be.revertedWithCustomError(stake, 'ZeroAmount').withArgs();
    await expect(mine.requestUnbond(federation, 101))
      .to.be.revertedWithCustomError(stake, 'InsufficientStake')
      .withArgs(100, 101);
    await expect(mine.requestUnbond(federation, 41))
      .to.be.revertedWithCustomError(stake, 'StakeRequired')
      .withArgs(59, 60);
    await mine.requestUnbond(federation, 40);
  });

  it('refuses a delay that fits no clock, in place of cutting it', async () => {
    const { ethers, mine, federation, time } = await bank();
    await mine.deposit(federation, 100);
    const delay = 2n ** 48n;
    await federation.setUnbondingSeconds(delay);
    const safeCast = await ethers.getContractFactory('Stake');
    const now = BigInt(await time.latest()) + 10n;
    await time.setNextBlockTimestamp(now);
    await expect(mine.requestUnbond(federation, 1))
      .to.be.revertedWithCustomError(safeCast, 'SafeCastOverflowedUintDowncast')
      .withArgs(48, now + delay);
  });

  it('refuses to withdraw nothing, early, and while a round vouched for before the request is open', async () => {
    const { mine, stake, federation, depositor, token, time, held } = await bank();
    await expect(mine.withdraw(federation)).to.be.revertedWithCustomError(stake, 'ZeroAmount').withArgs();
    await mine.deposit(federation, 100);
    await federation.vouch(depositor.address, 7);
    await federation.settle(6);
    const requested = mine.requestUnbond(federation, 70);
    const releaseAt = BigInt((await (await requested).getBlock())!.timestamp) + 1000n;
    await expect(requested)
      .to.emit(stake, 'UnbondRequested')
      .withArgs(await federation.getAddress(), depositor.address, 70, releaseAt);
    await time.setNextBlockTimestamp(releaseAt - 1n);
    await expect(mine.withdraw(federation)).to.be.revertedWithCustomError(stake, 'StillUnbonding').withArgs(releaseAt);
    await time.setNextBlockTimestamp(releaseAt);
    await expect(mine.withdraw(federation)).to.be.revertedWithCustomError(stake, 'StakeLocked').withArgs(7, 6);

    // what it vouches for since stands on what is still bonded
    await federation.vouch(depositor.address, 8);
    await federation.settle(7);
    await expect(mine.withdraw(federation))
      .to.emit(stake, 'StakeWithdrawn')
      .withArgs(await federation.getAddress(), depositor.address, 70);
    expect(await token.balanceOf(depositor.address)).to.equal(999_970);
    expect(await held()).to.equal(30);
    await expect(mine.withdraw(federation)).to.be.revertedWithCustomError(stake, 'ZeroAmount');
  });

  it('starts the delay anew with a further request', async () => {
    const { mine, stake, federation, time } = await bank();
    await mine.deposit(federation, 100);
    await mine.requestUnbond(federation, 1);
    await time.increase(999);
    await mine.requestUnbond(federation, 1);
    const releaseAt = BigInt(await time.latest()) + 1000n;
    await time.setNextBlockTimestamp(releaseAt - 1n);
    await expect(mine.withdraw(federation)).to.be.revertedWithCustomError(stake, 'StillUnbonding').withArgs(releaseAt);
    await time.setNextBlockTimestamp(releaseAt);
    await mine.withdraw(federation);
  });

  it('follows a real federation: trainers and aggregators get out when their rounds are final', async () => {
    const { federation, stake, trainers, aggregators, time } = await found();
    const { proposer } = await playRound(federation, trainers, aggregators);
    for (const [account, wei] of [
      [trainers[0]!, trainerStakeWei],
      [proposer, aggregatorBondWei],
    ] as const) {
      await expect(stake.connect(account).requestUnbond(federation, 1))
        .to.be.revertedWithCustomError(stake, 'StakeRequired')
        .withArgs(wei - 1n, wei);
    }
    await federation.connect(trainers[0]!).leaveAsTrainer();
    await federation.connect(proposer).leaveAsAggregator();
    await stake.connect(trainers[0]!).requestUnbond(federation, trainerStakeWei);
    await stake.connect(proposer).requestUnbond(federation, aggregatorBondWei);
    await time.increase(1700);
    for (const account of [trainers[0]!, proposer]) {
      await expect(stake.connect(account).withdraw(federation))
        .to.be.revertedWithCustomError(stake, 'StakeLocked')
        .withArgs(1, 0);
    }
    await federation.finalizeRound(1);
    await stake.connect(trainers[0]!).withdraw(federation);
    await stake.connect(proposer).withdraw(federation);
  });
});

describe('Stake.slash and claimOwed', () => {
  it('takes bonded before unbonding stake, never more than there is, and pays at most half, rounded down', async () => {
    const { mine, stake, federation, depositor, challenger, token, time, held } = await bank();
    const account = depositor.address;
    await mine.deposit(federation, 100);
    await mine.requestUnbond(federation, 40);
    await expect(federation.slash(stake, account, 51, challenger.address, 5_000))
      .to.emit(stake, 'StakeSlashed')
      .withArgs(await federation.getAddress(), account, challenger.address, 51, 25);
    expect(await stake.bondedWei(federation, account)).to.equal(9);
    await federation.slash(stake, account, 10, challenger.address, 10_000);
    expect(await stake.unbondingWei(federation, account)).to.equal(39);
    expect(await stake.owedWei(challenger.address)).to.equal(30);
    expect(await stake.slashedWei()).to.equal(31);

    await time.increase(1000);
    await mine.withdraw(federation);
    await expect(federation.slash(stake, account, MaxUint256, challenger.address, 5_000))
      .to.emit(stake, 'StakeSlashed')
      .withArgs(await federation.getAddress(), account, challenger.address, 0, 0);

    await expect(stake.connect(challenger).claimOwed()).to.emit(stake, 'OwedClaimed').withArgs(challenger.address, 30);
    expect(await token.balanceOf(challenger.address)).to.equal(30);
    expect(await held()).to.equal(31);
  });

  it('pays the share to the wei, where rounding hides nothing', async () => {
    const { mine, stake, federation, depositor, challenger } = await bank();
    await mine.deposit(federation, 300_000);
    await federation.slash(stake, depositor.address, 100_000, challenger.address, 10_000);
    expect(await stake.owedWei(challenger.address)).to.equal(50_000);
    await federation.slash(stake, depositor.address, 100_000, challenger.address, 4_999);
    expect(await stake.owedWei(challenger.address)).to.equal(99_990);
  });

  it('takes all of what is there when asked for more, also while unbonding', async () => {
    const { mine, stake, federation, depositor, challenger } = await bank();
    await mine.deposit(federation, 100);
    await mine.requestUnbond(federation, 100);
    await federation.slash(stake, depositor.address, MaxUint256, challenger.address, 3_333);
    expect(await stake.unbondingWei(federation, depositor.address)).to.equal(0);
    expect(await stake.owedWei(challenger.address)).to.equal(33);
    expect(await stake.slashedWei()).to.equal(67);
    await expect(mine.withdraw(federation)).to.be.revertedWithCustomError(stake, 'ZeroAmount');
  });

  it('owes no share where the challenger is the account itself, or the zero address', async () => {
    const { mine, stake, federation, depositor } = await bank();
    await mine.deposit(federation, 100);
    await federation.slash(stake, depositor.address, 10, depositor.address, 5_000);
    await federation.slash(stake, depositor.address, 10, ZeroAddress, 5_000);
    expect(await stake.owedWei(depositor.address)).to.equal(0);
    expect(await stake.owedWei(ZeroAddress)).to.equal(0);
    expect(await stake.slashedWei()).to.equal(20);
  });

  it('takes only stake that was deposited for the caller', async () => {
    const { mine, stake, federation, depositor, challenger } = await bank();
    await mine.deposit(federation, 100);
    await stake.connect(challenger).slash(depositor.address, 100, challenger.address, 5_000);
    expect(await stake.bondedWei(federation, depositor.address)).to.equal(100);
    expect(await stake.owedWei(challenger.address)).to.equal(0);
  });

  it('owes a challenger nothing of dust', async () => {
    const { mine, stake, federation, depositor, challenger } = await bank();
    await mine.deposit(federation, 1);
    await federation.slash(stake, depositor.address, 1, challenger.address, 5_000);
    expect(await stake.owedWei(challenger.address)).to.equal(0);
    expect(await stake.slashedWei()).to.equal(1);
  });

  it('refuses to pay an account that is owed nothing, also the second time', async () => {
    const { mine, stake, federation, depositor, challenger } = await bank();
    const claim = () => stake.connect(challenger).claimOwed();
    await expect(claim()).to.be.revertedWithCustomError(stake, 'NothingOwed').withArgs(challenger.address);
    await mine.deposit(federation, 100);
    await federation.slash(stake, depositor.address, 100, challenger.address, 5_000);
    await claim();
    await expect(claim()).to.be.revertedWithCustomError(stake, 'NothingOwed').withArgs(challenger.address);
  });
});
