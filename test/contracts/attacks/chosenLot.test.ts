/**
 * A wrong proposal, its refutation and the right proposal in one second: scores are committed to under the scoring that was opened
 * for the wrong one, whose model its author chose.
 */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { id, ZeroHash } from 'ethers';
import { fromHex } from '../../../client/core/hash.ts';
import { isDrawn } from '../../../client/core/rewards/lot.ts';
import type { Founded } from '../deployment.ts';
import { faultProof } from '../faults.ts';
import {
  commitmentOf,
  falsified,
  finalize,
  joinAsEvaluator,
  rootOf,
  type Scored,
  settle,
  state,
  toReveal,
} from '../rewards/settledRound.ts';
import { attest, attestedBy, noAnchor, turnHolderOf } from '../round.ts';
import { rightProposal, type Staged, stage } from '../stagedRound.ts';
import { Attempts } from './attempts.ts';

const evaluatorCount = 8;
const scores = [900, 400, -100];

async function convene(founded: Founded): Promise<HardhatEthersSigner[]> {
  const evaluators = founded.accounts.slice(10, 10 + evaluatorCount);
  for (const evaluator of evaluators) await joinAsEvaluator(founded, evaluator);
  return evaluators;
}

/** All have submitted to round 1, and the evaluators wait for its proposal. */
async function prepare(committeeSize: number) {
  const staged = await stage({ count: 3, dimension: 200, rewards: { committeeSize }, convene });
  const { rewards, trainers, aggregators, token, time } = staged;
  for (const account of [...trainers, ...aggregators]) await rewards.connect(account).enrol(account.address);
  await token.approve(rewards, 10n ** 24n);
  await rewards.fund(10n ** 24n);
  await time.increase(1);
  return staged;
}

/** In one block: wrong, scoring opened, refuted, and right by the next aggregator. */
async function proposeTwiceInOneSecond(prepared: Staged, wrongModelRoot: string): Promise<Scored> {
  const { federation, challenges, rewards, aggregators, evaluators, stranger, accounts, provider } = prepared;
  const proposal = await rightProposal(prepared);
  const wrong = { ...proposal, modelRoot: wrongModelRoot, columnsRoot: ZeroHash };
  const data = await faultProof(prepared, wrong, 2);
  const to = await challenges.aggregate.getAddress();
  const first = await turnHolderOf(federation, aggregators);
  const next = (await federation.aggregators())[1];
  const proposer = aggregators.find(({ address }) => address === next)!;
  const electors = [...aggregators, ...evaluators];
  const attestations = await attestedBy(federation, wrong, electors, first);
  const others = electors.filter((elector) => elector !== first && elector !== proposer);
  const { edition } = await federation.clock();
  const { round, inputsRoot } = proposal;
  const attestedAgain = await attest(federation, { round, inputsRoot, edition: edition + 1n }, others);
  const gasLimit = 2_000_000;
  await provider.request({ method: 'evm_setAutomine', params: [false] });
  await federation.connect(first).proposeAggregate(wrong, [], attestations, noAnchor, { gasLimit });
  await rewards.connect(accounts[9]!).openScoring(1, { gasLimit });
  await stranger.sendTransaction({ to, data, gasLimit });
  await federation.connect(proposer).proposeAggregate(proposal, [], attestedAgain, noAnchor, { gasLimit });
  await provider.request({ method: 'evm_mine' });
  await provider.request({ method: 'evm_setAutomine', params: [true] });
  const { proposedAt } = await federation.proposalOf(1);
  return { ...prepared, proposal, proposer, proposedAt: Number(proposedAt) };
}

/** Those of the evaluators that the contract lets score. */
async function showScores(scored: Scored, evaluators: readonly HardhatEthersSigner[], attempts: Attempts) {
  const committed: HardhatEthersSigner[] = [];
  for (const evaluator of evaluators) {
    const commitment = await commitmentOf(scored, evaluator.address, scores);
    const commit = () => scored.rewards.connect(evaluator).commitScores(1, commitment);
    if (await attempts.take('commitment', commit)) committed.push(evaluator);
  }
  await attempts.take('opening', () => scored.rewards.openScoring(1));
  await toReveal(scored);
  for (const evaluator of committed) await scored.rewards.connect(evaluator).revealScores(1, rootOf(scores));
  return committed;
}

/** The attacker's evaluators are three that the lot of the right model does not fall on. */
async function attackTheCommittee(prepared: Staged) {
  const { rewards, evaluators, right } = prepared;
  const attempts = new Attempts();
  const drawn = ({ address }: HardhatEthersSigner, root: Uint8Array) => isDrawn(address, root, evaluatorCount, 2);
  const own = evaluators.filter((evaluator) => !drawn(evaluator, right.commitment.modelRoot)).slice(0, 3);
  const chosen = Array.from({ length: 10_000 }, (_, n) => id(`model ${n}`)).find((root) =>
    own.every((evaluator) => drawn(evaluator, fromHex(root))),
  )!;
  const scored = await proposeTwiceInOneSecond(prepared, chosen);
  await showScores(scored, own, attempts);
  const counted = await Promise.all(
    own.map(({ address }) => rewards.counts(1, scored.proposedAt, address, rootOf(scores))),
  );
  return { attempts, outcome: { undrawnThatCount: counted.filter(Boolean).length } };
}

/** Everybody may score, and all do; nobody opens again what is open. */
async function attackTheRewards(prepared: Staged) {
  const { rewards } = prepared;
  const attempts = new Attempts();
  const scored = await proposeTwiceInOneSecond(prepared, id('wrong model'));
  for (const evaluator of prepared.evaluators) {
    const commitment = await commitmentOf(scored, evaluator.address, scores);
    await rewards.connect(evaluator).commitScores(1, commitment);
  }
  await toReveal(scored);
  for (const evaluator of prepared.evaluators) await rewards.connect(evaluator).revealScores(1, rootOf(scores));
  await finalize(scored);
  const right = await settle(
    scored,
    prepared.evaluators.map(() => scores),
  );
  const isStated = await attempts.take('statement', () =>
    state(
      scored,
      falsified(right, () => ({})),
    ),
  );
  return { attempts, outcome: { isStated } };
}

describe('Attack: two proposals in one second', () => {
  it('do not let evaluators score that are not drawn', async () => {
    const asItMustBe = { undrawnThatCount: 0 };
    const { attempts, outcome } = await attackTheCommittee(await prepare(2));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });

  it('do not cost a round that is scored its rewards', async () => {
    const asItMustBe = { isStated: true };
    const { attempts, outcome } = await attackTheRewards(await prepare(32));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
