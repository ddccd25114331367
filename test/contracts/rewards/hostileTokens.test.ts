import { expect } from 'chai';
import { finalizeAll, playFinal, type Scripted, script, stateAll, weiPerGwei } from './scripted.ts';
import { claimOf } from './settledRound.ts';

const behaviours = { honest: 0, takesFee: 1, returnsFalse: 2, reverts: 3, reenters: 4, returnsNothing: 5 };
/** Of the one round that is paid. */
const feeWei = 100n * 10n ** 9n * weiPerGwei;

describe('Rewards with a hostile token', () => {
  let scripted: Scripted;
  beforeEach(async () => {
    scripted = await script();
  });

  const behave = ({ token, rewards }: Scripted, behaviour: keyof typeof behaviours, call = '0x') =>
    token.behave(behaviours[behaviour], rewards, call);

  /** How its proposer claims what the round earned it. */
  async function earn() {
    const [stated] = await stateAll(await playFinal(scripted, 1, 1));
    await finalizeAll(scripted, 1, 1);
    const { rewards, proposer } = scripted;
    const { cumulativeGwei, reputation, path } = claimOf(stated!.settlement, 0);
    expect(cumulativeGwei * weiPerGwei).to.equal(feeWei);
    return [proposer.address, cumulativeGwei, reputation, path] as const satisfies Parameters<typeof rewards.claim>;
  }

  it('takes no funding of which the token keeps a fee, that fails, or that is above 64 bits', async () => {
    const { rewards, stake, token } = scripted;
    const { fundedGwei } = await rewards.pool();
    await behave(scripted, 'takesFee');
    await expect(rewards.fund(100n * weiPerGwei))
      .to.be.revertedWithCustomError(rewards, 'TokenTookFee')
      .withArgs(100n * weiPerGwei, 99n * weiPerGwei);
    await behave(scripted, 'returnsFalse');
    await expect(rewards.fund(weiPerGwei)).to.be.revertedWithCustomError(rewards, 'SafeERC20FailedOperation');
    await behave(scripted, 'reverts');
    await expect(rewards.fund(weiPerGwei)).to.be.revertedWithCustomError(token, 'Refused');
    await behave(scripted, 'honest');
    await expect(rewards.fund(2n ** 64n * weiPerGwei)).to.be.revertedWithCustomError(
      stake,
      'SafeCastOverflowedUintDowncast',
    );
    await expect(rewards.fund((2n ** 64n - fundedGwei) * weiPerGwei)).to.be.revertedWithPanic(0x11);
    expect((await rewards.pool()).fundedGwei).to.equal(fundedGwei);
    expect(await token.balanceOf(rewards)).to.equal(fundedGwei * weiPerGwei);
  });

  it('takes from and pays by a token that returns nothing', async () => {
    const claim = await earn();
    const { rewards, token, proposer } = scripted;
    const before = await token.balanceOf(rewards);
    await behave(scripted, 'returnsNothing');
    await rewards.fund(weiPerGwei);
    expect(await token.balanceOf(rewards)).to.equal(before + weiPerGwei);
    await rewards.connect(proposer).claim(...claim);
    expect(await token.balanceOf(proposer)).to.equal(feeWei);
  });

  it('still owes what a transfer did not pay', async () => {
    const claim = await earn();
    const { rewards, token, proposer } = scripted;
    const claiming = rewards.connect(proposer);
    await behave(scripted, 'returnsFalse');
    await expect(claiming.claim(...claim)).to.be.revertedWithCustomError(rewards, 'SafeERC20FailedOperation');
    await behave(scripted, 'reverts');
    await expect(claiming.claim(...claim)).to.be.revertedWithCustomError(token, 'Refused');
    expect((await rewards.accountOf(proposer.address)).claimedGwei).to.equal(0n);
    await behave(scripted, 'honest');
    await claiming.claim(...claim);
    expect(await token.balanceOf(proposer)).to.equal(feeWei);
  });

  it('pays no more where the token has begun to take a fee', async () => {
    const claim = await earn();
    const { rewards, token, proposer } = scripted;
    const before = await token.balanceOf(rewards);
    await behave(scripted, 'takesFee');
    await rewards.connect(proposer).claim(...claim);
    expect(await token.balanceOf(proposer)).to.equal((feeWei * 99n) / 100n);
    expect(await token.balanceOf(rewards)).to.equal(before - feeWei);
    await expect(rewards.connect(proposer).claim(...claim)).to.be.revertedWithCustomError(rewards, 'NothingToClaim');
  });

  for (const outer of ['fund', 'claim'] as const) {
    it(`does not let the token reenter from ${outer}`, async () => {
      const claim = await earn();
      const { rewards, token, proposer, networkHelpers } = scripted;
      const { interface: abi } = rewards;
      // the token could claim if it were let in
      await rewards.connect(proposer).setPayee(proposer.address, token);
      const calls = [
        abi.encodeFunctionData('fund', [weiPerGwei]),
        abi.encodeFunctionData('claim', claim),
        abi.encodeFunctionData('forfeit', [1, proposer.address]),
        abi.encodeFunctionData('claimOwed'),
      ];
      const before = await token.balanceOf(rewards);
      const act = { fund: () => rewards.fund(weiPerGwei), claim: () => rewards.connect(proposer).claim(...claim) }[
        outer
      ];
      const moved = { fund: weiPerGwei, claim: -feeWei }[outer];
      const snapshot = await networkHelpers.takeSnapshot();
      for (const call of calls) {
        await behave(scripted, 'reenters', call);
        await act();
        expect(await token.answer()).to.equal(abi.getError('ReentrancyGuardReentrantCall')!.selector);
        expect(await token.balanceOf(rewards)).to.equal(before + moved);
        await snapshot.restore();
      }
    });
  }
});
