/** Who joins when a round is over must neither raise the quorum that judges it nor dilute the committee that scores it. */
import { expect } from 'chai';
import { id } from 'ethers';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { hashInputs } from '../../../client/core/inputs.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import { isDrawn } from '../../../client/core/rewards/lot.ts';
import { aggregatorBondWei, joinAsAggregator, parameters } from '../deployment.ts';
import { inputOpening } from '../evidence.ts';
import { enlist, propose, type Scripted, script } from '../rewards/scripted.ts';
import { commitmentOf, joinAsEvaluator } from '../rewards/settledRound.ts';
import { attest, omitAndPropose, type Staged, stage } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

/** All honest aggregators hold the two updates that are left out. */
async function attackTheQuorum(staged: Staged) {
  const { federation, challenges, stake, updates, right, aggregators, accounts, stranger, time } = staged;
  const attempts = new Attempts();
  const omitted = updates.slice(1).map(({ trainer }) => trainer);
  const { hash, sum } = sumTreeRoot(hashInputs(updates.slice(0, 1)));
  const alone = { inputsRoot: toHex(hash), totalWeight: BigInt(sum), inputCount: 1 };
  const late = accounts.slice(10, 10 + aggregators.length);
  await attempts.take('omission', async () => {
    const proposal = await omitAndPropose(staged, omitted, alone);
    await joinAsAggregator(staged, ...late);
    const attestations = await attest(staged, 1, toHex(right.commitment.inputsRoot), aggregators);
    const witnesses = attestations.map((attestation) => ({ attestation, input: inputOpening(right, 1) }));
    await attempts.take('refutation by all that were there', () =>
      challenges.inputs.connect(stranger).refuteOmission(federation, proposal, omitted[0]!, omitted, witnesses),
    );
  });
  await time.increase(parameters.challengeSeconds);
  await attempts.take('finalisation', () => federation.finalizeRound(1));
  for (const account of late) {
    await attempts.take('leaving', () => federation.connect(account).leaveAsAggregator());
    await attempts.take('unbonding', () => stake.connect(account).requestUnbond(federation, aggregatorBondWei));
  }
  const unbonding = await Promise.all(late.map(({ address }) => stake.unbondingWei(federation, address)));
  return {
    attempts,
    outcome: { finalRound: await federation.finalRound(), lateWei: unbonding.reduce((sum, wei) => sum + wei, 0n) },
  };
}

const seats = 2;
const lateEvaluators = 10;

/** Two honest evaluators for two seats, and a model whose lot falls on neither where there are ten more. */
async function attackTheCommittee(scripted: Scripted) {
  const { rewards, accounts, stake } = scripted;
  const attempts = new Attempts();
  const honest = await enlist(scripted, seats);
  const modelRoot = Array.from({ length: 1000 }, (_, n) => id(`model ${n}`)).find((root) =>
    honest.every(({ address }) => !isDrawn(address, fromHex(root), seats + lateEvaluators, seats)),
  )!;
  const proposed = await propose(scripted, 1, { modelRoot });
  const late = accounts.slice(10, 10 + lateEvaluators);
  for (const evaluator of late) await joinAsEvaluator(scripted, evaluator);
  await attempts.take('opening', () => rewards.openScoring(1));
  let committed = 0;
  for (const evaluator of honest) {
    const commitment = await commitmentOf(proposed, evaluator.address, []);
    if (await attempts.take('honest scores', () => rewards.connect(evaluator).commitScores(1, commitment))) committed++;
  }
  let lostWei = 0n;
  for (const evaluator of late) {
    await rewards.connect(evaluator).leaveAsEvaluator();
    lostWei += 100n * 10n ** 18n - (await stake.bondedWei(rewards, evaluator.address));
  }
  return { attempts, outcome: { committed, lostWei } };
}

describe('Attack: joining when it is over', () => {
  it('does not save an omission from a majority of those that were there', async () => {
    const asItWas = { finalRound: 1n, lateWei: 3n * aggregatorBondWei };
    const asItMustBe = { finalRound: 0n, lateWei: 0n };
    const staged = await stage({ count: 3, dimension: 64, aggregators: 3 });
    const { attempts, outcome } = await attackTheQuorum(staged);
    expect(outcome, `${attempts}`).to.deep.equal(asItWas);
    expect(outcome, `${attempts}`).to.not.deep.equal(asItMustBe);
  });

  it('does not keep the evaluators that were there from scoring', async () => {
    const asItWas = { committed: 0, lostWei: 0n };
    const asItMustBe = { committed: seats, lostWei: 0n };
    const { attempts, outcome } = await attackTheCommittee(await script({ committeeSize: seats }));
    expect(outcome, `${attempts}`).to.deep.equal(asItWas);
    expect(outcome, `${attempts}`).to.not.deep.equal(asItMustBe);
  });
});
