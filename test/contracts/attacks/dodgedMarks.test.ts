/**
 * Reports come after a round is final. A trainer that finalises it itself, leaves and joins again before anybody else has a turn
 * must not shake them off.
 */

import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { toHex } from '../../../client/core/hash.ts';
import { omittedHash } from '../../../client/core/inputs.ts';
import { type Founded, found, parameters } from '../deployment.ts';
import { proposalFor, propose, proposeAs, submit, turnHolderOf } from '../round.ts';
import { Attempts } from './attempts.ts';

/** One transaction after the other, as a bundle of its own would have them. */
async function finaliseAndReturn(
  { federation }: Founded,
  trainer: HardhatEthersSigner,
  round: number,
  attempts: Attempts,
) {
  const own = federation.connect(trainer);
  await own.finalizeRound(round);
  await attempts.take('leaving', () => own.leaveAsTrainer());
  await attempts.take('joining again', () => own.joinAsTrainer());
}

/** It is silent in every second round: the next one it has submitted to when the silent one is final. */
async function attackBySilence(founded: Founded) {
  const { federation, trainers, aggregators, stranger, time } = founded;
  const attempts = new Attempts();
  const [silent, ...others] = trainers;
  const slow: number[] = [];
  for (let round = 1; round < 33; round += 2) {
    await submit(federation, ...others);
    if (!(await attempts.take('early proposal', () => propose(federation, aggregators, others.length)))) {
      slow.push(round);
      await time.increase(parameters.submissionSeconds);
      await propose(federation, aggregators, others.length);
    }
    await attempts.take('submission to the next round', () => submit(federation, silent!));
    await time.increase(parameters.challengeSeconds);
    await finaliseAndReturn(founded, silent!, round, attempts);
    await attempts.take('report', () => federation.connect(stranger).reportAbsence(silent!.address));
    await submit(federation, ...others);
    // its submission counts, whether it has left since or not
    await propose(federation, aggregators, Number((await federation.clock()).expectedTrainers));
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(round + 1);
  }
  return { attempts, outcome: slow };
}

const rounds = 6;

/** It submits to every round, and serves nobody. */
async function attackByWithholding(founded: Founded) {
  const { federation, trainers, aggregators, stranger, time } = founded;
  const attempts = new Attempts();
  const [withholding, ...others] = trainers;
  const { address } = withholding!;
  let waited = 0;
  for (let round = 1; round <= rounds; round++) {
    await submit(federation, ...others);
    if (round === 1) await submit(federation, withholding!);
    const isAwaited = (await federation.clock()).expectedTrainers > BigInt(others.length);
    const omitted = isAwaited ? [address] : [];
    const hash = toHex(omittedHash(omitted));
    if (omitted.length > 0) {
      waited++;
      await time.increase(parameters.submissionSeconds);
    }
    const proposal = { ...(await proposalFor(federation, others.length)), omittedHash: hash };
    await proposeAs(federation, await turnHolderOf(federation, aggregators), proposal, aggregators, omitted);
    await attempts.take('submission to the next round', () => submit(federation, withholding!));
    await time.increase(parameters.challengeSeconds);
    await finaliseAndReturn(founded, withholding!, round, attempts);
    await attempts.take('report', () => federation.connect(stranger).reportUnserved(proposal, omitted, address));
  }
  return { attempts, outcome: { isEveryRoundSlow: waited === rounds } };
}

describe('Attack: gone and back between a round’s finality and the report', () => {
  it('does not save a silent trainer from its delay', async () => {
    // it stays away for longer each time
    const asItMustBe = [1, 7, 17];
    const { attempts, outcome } = await attackBySilence(await found(4, 3));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });

  it('does not save a trainer that serves nobody', async () => {
    const asItMustBe = { isEveryRoundSlow: false };
    const { attempts, outcome } = await attackByWithholding(await found(4, 3));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
