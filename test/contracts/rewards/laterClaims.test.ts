/** Claims over several rounds. */
import { expect } from 'chai';
import {
  finalizeAll,
  playFinal,
  type Scripted,
  type Stated,
  script,
  stateAll,
  voidStated,
  weiPerGwei,
} from './scripted.ts';
import { claimOf } from './settledRound.ts';

/** What the proposer earns in a round. */
const feeGwei = 100n * 10n ** 9n;

describe('claims of several rounds', () => {
  let scripted: Scripted;
  let stated: Stated[];
  beforeEach(async () => {
    scripted = await script();
    stated = await stateAll(await playFinal(scripted, 1, 3));
    await finalizeAll(scripted, 1, 1);
  });

  async function claim(by: 'proposer' | 'other' | 'stranger', round: number, account = scripted.proposer.address) {
    const { cumulativeGwei, reputation, path } = claimOf(stated[round - 1]!.settlement, 0);
    return await scripted.rewards.connect(scripted[by]).claim(account, cumulativeGwei, reputation, path);
  }

  it('go by the newest final balances, and pay what is new in them', async () => {
    const { rewards, token, proposer } = scripted;
    await expect(claim('proposer', 2)).to.be.revertedWithCustomError(rewards, 'WrongBalance');
    await claim('proposer', 1);
    await expect(claim('proposer', 1)).to.be.revertedWithCustomError(rewards, 'NothingToClaim');
    await rewards.finalizeRewards(2);
    await expect(claim('proposer', 1)).to.be.revertedWithCustomError(rewards, 'WrongBalance');
    await rewards.finalizeRewards(3);
    await expect(claim('proposer', 2)).to.be.revertedWithCustomError(rewards, 'WrongBalance');
    expect(await token.balanceOf(proposer)).to.equal(feeGwei * weiPerGwei);
    await claim('proposer', 3);
    expect(await token.balanceOf(proposer)).to.equal(3n * feeGwei * weiPerGwei);
    expect((await rewards.accountOf(proposer.address)).claimedGwei).to.equal(3n * feeGwei);
    await expect(claim('proposer', 3)).to.be.revertedWithCustomError(rewards, 'NothingToClaim');
  });

  it('are paid to the payee, whether the account or the payee claims, and once', async () => {
    const { rewards, token, proposer, other, stranger } = scripted;
    await rewards.connect(proposer).setPayee(proposer.address, stranger.address);
    await claim('proposer', 1);
    expect(await token.balanceOf(proposer)).to.equal(0n);
    expect(await token.balanceOf(stranger)).to.equal(feeGwei * weiPerGwei);
    await expect(claim('stranger', 1)).to.be.revertedWithCustomError(rewards, 'NothingToClaim');
    await rewards.connect(stranger).setPayee(proposer.address, other.address);
    await rewards.finalizeRewards(2);
    await expect(claim('stranger', 2)).to.be.revertedWithCustomError(rewards, 'NotAccountOrPayee');
    await claim('other', 2);
    expect(await token.balanceOf(other)).to.equal(feeGwei * weiPerGwei);
    await expect(claim('proposer', 2)).to.be.revertedWithCustomError(rewards, 'NothingToClaim');
  });

  it("are not for another account, though its payee be the same, nor with another's path", async () => {
    const { rewards, proposer, other } = scripted;
    await rewards.connect(other).setPayee(other.address, proposer.address);
    await expect(claim('proposer', 1, other.address)).to.be.revertedWithCustomError(rewards, 'WrongBalance');
    await expect(claim('stranger', 1)).to.be.revertedWithCustomError(rewards, 'NotAccountOrPayee');
    await expect(claim('proposer', 1, scripted.stranger.address)).to.be.revertedWithCustomError(rewards, 'NotEnrolled');
  });

  it('do not depend on reward statements that are made later, or voided', async () => {
    const { rewards, token, proposer } = scripted;
    await voidStated(scripted, stated[1]!);
    expect((await rewards.rewardHead()).statedRound).to.equal(1n);
    await claim('proposer', 1);
    expect(await token.balanceOf(proposer)).to.equal(feeGwei * weiPerGwei);
    await expect(claim('proposer', 2)).to.be.revertedWithCustomError(rewards, 'WrongBalance');
  });
});
