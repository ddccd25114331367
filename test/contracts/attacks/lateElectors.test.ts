/** Who joins when a round is over must neither raise the quorum that judges it nor dilute the committee that scores it. */
import { expect } from 'chai';
import { id } from 'ethers';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { hashInputs, omittedHash } from '../../../client/core/inputs.ts';
import { isDrawn } from '../../../client/core/rewards/lot.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import { joinAsAggregator, parameters } from '../deployment.ts';
import { enlist, propose, type Scripted, script } from '../rewards/scripted.ts';
import { commitmentOf, joinAsEvaluator } from '../rewards/settledRound.ts';
import { attest, noAnchor, proposalFor, turnHolderOf } from '../round.ts';
import { proposeStaged, type Staged, stage } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

/** The aggregator whose turn it is leaves out two updates that the other two hold, and as many as they are join to attest that. */
async function attackTheQuorum(staged: Staged) {
  const { federation, updates, aggregators, accounts, time } = staged;
  const attempts = new Attempts();
  const omitted = updates.slice(1).map(({ trainer }) => trainer);
  const { hash, sum } = sumTreeRoot(hashInputs(updates.slice(0, 1)));
  const proposal = {
    ...(await proposalFor(federation, 1)),
    inputsRoot: toHex(hash),
    totalWeight: BigInt(sum),
    omittedHash: toHex(omittedHash(omitted)),
  };
  const late = accounts.slice(10, 10 + aggregators.length);
  await joinAsAggregator(staged, ...late);
  await time.increase(parameters.submissionSeconds);
  const proposer = await turnHolderOf(federation, aggregators);
  const attestations = await attest(federation, proposal, late);
  const isOmitted = await attempts.take('omission', () =>
    federation.connect(proposer).proposeAggregate(proposal, omitted, attestations, noAnchor),
  );
  const isProposed = await attempts.take('right proposal', () => proposeStaged(staged));
  return { attempts, outcome: { isOmitted, isProposed } };
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
  it('neither attests an omission nor keeps those that were there from the right proposal', async () => {
    const asItMustBe = { isOmitted: false, isProposed: true };
    const staged = await stage({ count: 3, dimension: 64, aggregators: 3 });
    const { attempts, outcome } = await attackTheQuorum(staged);
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });

  it('does not keep the evaluators that were there from scoring', async () => {
    const asItMustBe = { committed: seats, lostWei: 0n };
    const { attempts, outcome } = await attackTheCommittee(await script({ committeeSize: seats }));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
