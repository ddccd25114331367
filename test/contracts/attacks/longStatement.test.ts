/** A statement that the contract takes must be one that a transaction of 128 KiB can refute, with all that the refutation brings. */
import { expect } from 'chai';
import { concat, hexlify, id, Transaction, toBeHex, ZeroHash } from 'ethers';
import { rewardParameters } from '../deployment.ts';
import { type Proposed, propose, type Scripted, script, settleSeconds } from '../rewards/scripted.ts';
import { salt, state } from '../rewards/settledRound.ts';
import { Attempts } from './attempts.ts';

const maxTransactionBytes = 128 * 1024;
/** The most that fit by what the contract counts, with one evaluator and 30 pages. */
const entryCount = 7589;

/** As if so many had enrolled: their number stands in the slot whose lowest words are the windows'. */
async function enrolMany({ rewards, provider, ethers }: Scripted): Promise<void> {
  const address = await rewards.getAddress();
  const { scoringSeconds, revealSeconds, publishSeconds } = rewardParameters;
  const windows = BigInt(scoringSeconds) | (BigInt(revealSeconds) << 32n) | (BigInt(publishSeconds) << 64n);
  for (let slot = 0; slot < 32; slot++) {
    const word = BigInt(await ethers.provider.getStorage(address, slot));
    if (BigInt.asUintN(96, word) !== windows) continue;
    const others = word & ~(0xffff_ffffn << 160n);
    const many = toBeHex(others | (BigInt(entryCount) << 160n), 32);
    await provider.request({
      method: 'hardhat_setStorageAt',
      params: [address, toBeHex(slot).replace(/^0x0(?=.)/, '0x'), many],
    });
  }
  expect(await rewards.accountCount()).to.equal(BigInt(entryCount));
}

/** Every account is scored with nothing, and the evaluator's distance is wrong. */
async function stateAtLength(proposed: Proposed) {
  const entries = concat(Array.from({ length: entryCount }, (_, place) => concat([toBeHex(place, 4), toBeHex(0, 12)])));
  const evaluators = concat([proposed.other.address, id('scores'), toBeHex(100, 8), toBeHex(7, 8)]);
  const pageRoots = Array.from({ length: Math.ceil(entryCount / 256) }, (_, page) => id(`page ${page}`));
  const paidGwei = rewardParameters.rewardGwei;
  const first = { round: 1, middle: 0, previousBalancesRoot: ZeroHash };
  return await state(proposed, { ...first, accounts: entryCount, paidGwei, evaluators, entries, pageRoots });
}

async function attackByLength(scripted: Scripted) {
  const { rewards, rewardChallenges, federation, stranger, time } = scripted;
  const attempts = new Attempts();
  await enrolMany(scripted);
  const proposed = await propose(scripted, 1);
  await rewards.openScoring(1);
  await time.increase(settleSeconds);
  await federation.finalize(1);
  let transactionBytes = 0;
  await attempts.take('statement', async () => {
    const { facts, statement } = await stateAtLength(proposed);
    const scores = `0x${'0000'.repeat(entryCount)}`;
    const data = rewardChallenges.interface.encodeFunctionData('refuteDistance', [
      await rewards.getAddress(),
      facts,
      statement,
      0,
      hexlify(salt),
      scores,
    ]);
    const signed = Transaction.from({
      type: 2,
      to: stranger.address,
      data,
      chainId: 1,
      signature: { r: id('r'), s: toBeHex(1, 32), v: 27 },
    });
    transactionBytes = (signed.serialized.length - 2) / 2;
  });
  return { attempts, transactionBytes, outcome: { isTooLong: transactionBytes > maxTransactionBytes } };
}

describe('Attack: a reward statement that is too long to be refuted', () => {
  it('is refused', async () => {
    const asItMustBe = { isTooLong: false };
    const { attempts, outcome, transactionBytes } = await attackByLength(await script());
    expect(outcome, `${transactionBytes} bytes, ${attempts}`).to.deep.equal(asItMustBe);
  });
});
