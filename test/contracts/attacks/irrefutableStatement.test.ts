/** Who has accused itself beforehand is slashed for nothing later: neither for a false statement nor for two signatures. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { id } from 'ethers';
import { aggregatorBondWei, bond, type Founded, found, joinAsAggregator, parameters } from '../deployment.ts';
import { finalize, type Scored, stageScored } from '../rewards/settledRound.ts';
import { attest } from '../round.ts';
import { Attempts } from './attempts.ts';
import { claimStolen, leaveWithBond, stateStolen } from './theft.ts';

/** Signatures over two inputs, and the refutation that they are. */
async function accuse(founded: Founded, signer: HardhatEthersSigner, round: number) {
  const { challenges, federation, stranger } = founded;
  const roots = [id('inputs'), id('other inputs')] as const;
  const [first] = await attest(federation, { round, inputsRoot: roots[0] }, [signer]);
  const [second] = await attest(federation, { round, inputsRoot: roots[1] }, [signer]);
  const { edition } = await federation.clock();
  await challenges.inputs.connect(stranger).refuteSignatures(federation, round, edition, ...roots, first!, second!);
}

async function attackThePool(scored: Scored, thief: HardhatEthersSigner) {
  const { rewards, rewardChallenges, stake, federation, token, stranger, time } = scored;
  const attempts = new Attempts();
  for (const number of [1, 2, 3]) {
    await attempts.take(`self-accusation ${number}`, () => accuse(scored, thief, 2 ** 31 + number));
  }
  await joinAsAggregator(scored, thief);
  await rewards.connect(thief).enrol(thief.address);
  await rewards.openScoring(1);
  await finalize(scored);
  await time.increase(parameters.turnSeconds);
  const stolen = await stateStolen(scored, thief);
  await attempts.take('refutation', () =>
    rewardChallenges.connect(stranger).refuteBalances(rewards, stolen.facts, stolen.statement, 0, '0x', []),
  );
  await time.increase(parameters.challengeSeconds);
  await attempts.take('finalisation', () => rewards.finalizeRewards(1));
  await attempts.take('claim', () => claimStolen(scored, thief, stolen));
  await leaveWithBond(scored, thief, attempts);
  return {
    attempts,
    outcome: {
      poolWei: await token.balanceOf(rewards),
      isBondBack: (await token.balanceOf(thief.address)) % 10n ** 9n === aggregatorBondWei,
      bondedWei: await stake.bondedWei(federation, thief.address),
    },
  };
}

async function attackTheSignatures(founded: Founded, cheat: HardhatEthersSigner) {
  const { federation, stake, aggregators } = founded;
  const attempts = new Attempts();
  await attempts.take('self-accusation', () => accuse(founded, cheat, 2));
  await bond(founded, cheat, aggregatorBondWei);
  await attempts.take('joining', () => federation.connect(cheat).joinAsAggregator());
  // round 2 is the first that it may attest
  await founded.time.increase(3 * parameters.submissionSeconds);
  await federation.skipRound(1);
  expect(await federation.electorWeight(cheat.address, 2)).to.equal(1n);
  await attempts.take('refutation', () => accuse(founded, cheat, 2));
  const members = aggregators.length + Number(await federation.isAggregator(cheat.address));
  return { attempts, outcome: { members, bondedWei: await stake.bondedWei(federation, cheat.address) } };
}

describe('Attack: self-accusation beforehand', () => {
  it('does not make a false reward statement irrefutable', async () => {
    const asItMustBe = { poolWei: 10n ** 24n, isBondBack: false, bondedWei: 0n };
    const scored = await stageScored(0);
    const { attempts, outcome } = await attackThePool(scored, scored.accounts[15]!);
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });

  it('does not make signatures over two inputs free', async () => {
    const asItMustBe = { members: 2, bondedWei: 0n };
    const founded = await found();
    const { attempts, outcome } = await attackTheSignatures(founded, founded.accounts[15]!);
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
