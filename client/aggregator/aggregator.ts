/**
 * An aggregator's rounds: fetch and verify every update, compute the next model, pin it, propose it; finalise what has
 * stood its window. All that it does follows from the chain, so that any other aggregator would have done the same.
 */

import { revertName } from '../chain/failure.ts';
import { proposalArgument, proposalDigest, ruleFields } from '../chain/federation.ts';
import { allSubmitted, finalCount, type Proposal, proposedRounds, type Round } from '../chain/rounds.ts';
import { type Aggregate, aggregate } from '../core/aggregate.ts';
import { digestOfCid } from '../core/cid.ts';
import { modelToBytes, updateToBytes } from '../core/codec.ts';
import { equalBytes, toHex } from '../core/hash.ts';
import { encodeInputsList, inputsListBytes, omittedHash } from '../core/inputs.ts';
import { modelBytes } from '../core/numbers.ts';
import { runLoop } from '../node/loop.ts';
import { joinAsAggregator } from '../node/membership.ts';
import { createModels, modelOfRound } from '../node/models.ts';
import { callFederation, type Node } from '../node/node.ts';
import { createForgetter, createUpdates, type Updates } from '../node/updates.ts';

/** What is left of a turn when the search for missing updates ends: time to aggregate and propose. */
const searchShareOfTurn = 0.5;

/** What was proposed, or would be, by this node, and when it was ready (wall clock, ms). */
interface Prepared {
  aggregate: Aggregate;
  proposal: Proposal;
  /** Trainers that have submitted and whose update is unavailable. */
  omitted: readonly string[];
  readyAt: number;
}

interface Work {
  round: Round;
  updates: Updates;
  prepared?: Prepared;
  turnClaimed: boolean;
}

/** Runs until the rounds asked for are final, or for ever. */
export async function runAggregator(node: Node): Promise<string> {
  const { federation, account, addresses, parameters, report } = node;
  const models = createModels(node);
  const forgetOldUpdates = createForgetter(node);
  const wantedRounds = node.options.rounds ?? Number.POSITIVE_INFINITY;
  let work: Work | undefined;

  async function step(): Promise<boolean> {
    const { state } = federation;
    await finalizeWhatStood();
    if (finalCount(state) >= wantedRounds) return true;
    await joinAsAggregator(node);
    await keepNewestRound();
    await forgetOldUpdates();
    const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
    if (round === undefined) return false;
    await reportAbsentTrainers(round);
    if (work?.round.number !== round.number) work = { round, updates: createUpdates(node, round), turnClaimed: false };
    work.round = round;
    if (windowClosed(round)) await aggregateRound(work);
    return false;
  }

  /** Ascending. */
  function omittedTrainers(round: Round, updates: Updates): string[] {
    const omitted = [...round.submissions.keys()].filter((trainer) => !updates.verified.has(trainer));
    return omitted.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  }

  function windowClosed(round: Round): boolean {
    return allSubmitted(round) || federation.chainTime() >= round.submissionDeadline;
  }

  async function aggregateRound(current: Work): Promise<void> {
    const { round, updates } = current;
    const submissions = [...round.submissions.values()];
    const searchUntil = Date.now() + parameters.turnSeconds * 1000 * searchShareOfTurn;
    await updates.fetch(submissions, searchUntil);
    const complete = updates.verified.size === round.expectedTrainers;
    const closed = federation.chainTime() >= round.submissionDeadline;
    if (!complete && !closed) return;
    if (updates.verified.size < parameters.minimumUpdates) return await skipIfHopeless(round);
    if (current.prepared?.aggregate.updates.length !== updates.verified.size) {
      current.prepared = await prepare(round, updates);
    }
    await proposeInTurn(current, current.prepared);
  }

  async function prepare(round: Round, updates: Updates): Promise<Prepared> {
    const base = await models.get(round.baseRound);
    const startedAt = performance.now();
    const result = aggregate(parameters.rule, base, [...updates.verified.values()]);
    const { commitment } = result;
    models.remember(commitment.modelRoot, result.model);
    report({
      event: 'aggregated',
      round: round.number,
      inputs: commitment.inputCount,
      seconds: (performance.now() - startedAt) / 1000,
      modelRoot: toHex(commitment.modelRoot),
    });
    const omitted = omittedTrainers(round, updates);
    const modelCid = await node.store.put(modelToBytes(result.model));
    const inputsCid = await node.store.put(encodeInputsList(result.updates));
    const proposal: Proposal = {
      round: round.number,
      baseRound: round.baseRound,
      inputCount: commitment.inputCount,
      totalWeight: commitment.totalWeight,
      // the base was verified against this root when it came
      baseModelRoot: modelOfRound(federation, node.task, round.baseRound).root,
      modelRoot: commitment.modelRoot,
      modelCid: digestOfCid(modelCid),
      inputsCid: digestOfCid(inputsCid),
      inputsRoot: commitment.inputsRoot,
      columnsRoot: commitment.columnsRoot,
      omittedHash: omittedHash(omitted),
      ...ruleFields(parameters.rule),
    };
    return { aggregate: result, proposal, omitted, readyAt: Date.now() };
  }

  async function proposeInTurn(current: Work, prepared: Prepared): Promise<void> {
    const { proposal, omitted } = prepared;
    try {
      const args = [proposalArgument(proposal), omitted, []];
      const step = `proposing round ${proposal.round}`;
      const receipt = await callFederation(node, step, 'proposeAggregate', args);
      report({
        event: 'proposed',
        round: proposal.round,
        modelRoot: toHex(proposal.modelRoot),
        modelCid: toHex(proposal.modelCid),
        gas: Number(receipt.gasUsed),
        bytes: modelBytes(node.task.dimension) + inputsListBytes(proposal.inputCount),
      });
    } catch (error) {
      const revert = revertName(error);
      if (revert === 'NotYourTurn') return await claimTurn(current, prepared);
      // someone else has proposed
      if (revert !== 'WrongRound') throw error;
    }
  }

  /** Starts the wait after which an aggregator that keeps silent is passed over; one that is only slow gets half a turn. */
  async function claimTurn(current: Work, { proposal, readyAt }: Prepared): Promise<void> {
    if (current.turnClaimed || federation.chainTime() >= current.round.submissionDeadline) return;
    if (Date.now() < readyAt + parameters.turnSeconds * 500) return;
    await federation.sync();
    if (federation.state.openRound !== proposal.round) return;
    const digest = proposalDigest(addresses, account, proposal);
    await callFederation(node, 'claiming the turn', 'claimTurn', [proposal.round, digest]);
    current.turnClaimed = true;
  }

  /** Long after the deadline nobody could propose: the round is given up, another starts from the same model. */
  async function skipIfHopeless(round: Round): Promise<void> {
    const giveUpAt = round.submissionDeadline + parameters.submissionSeconds + 2 * parameters.turnSeconds;
    if (federation.chainTime() < giveUpAt) return;
    await callFederation(node, `skipping round ${round.number}`, 'skipRound', [round.number]);
  }

  async function finalizeWhatStood(): Promise<void> {
    const { rounds, finalRound } = federation.state;
    const next = proposedRounds(federation.state).find(({ number }) => number > finalRound);
    if (next === undefined || !rounds.has(next.number)) return;
    // its proposer first: the others need not pay for a transaction that fails
    const patience = next.proposed.proposer === account ? 0 : parameters.turnSeconds;
    if (federation.chainTime() < next.proposed.closesAt + patience) return;
    const step = `finalising round ${next.number}`;
    try {
      const receipt = await callFederation(node, step, 'finalizeRound', [next.number]);
      report({ event: 'finalized', round: next.number, gas: Number(receipt.gasUsed) });
    } catch (error) {
      // the chain's clock is behind ours, or another was faster
      if (!['ChallengeWindowOpen', 'NotNextToFinalize'].includes(revertName(error) ?? '')) throw error;
    }
  }

  /** Rounds should not wait for those who are gone. Its proposer looks after each round; the gas is its own. */
  async function reportAbsentTrainers(open: Round): Promise<void> {
    const missed = federation.state.rounds.get(open.baseRound);
    if (missed?.proposed?.proposer !== account) return;
    for (const [trainer, fromRound] of federation.state.trainers) {
      if (fromRound > missed.number || missed.submissions.has(trainer) || open.submissions.has(trainer)) continue;
      try {
        await callFederation(node, `reporting the absence of ${trainer}`, 'reportAbsence', [trainer]);
      } catch (error) {
        // it has submitted or left meanwhile, or another was faster
        if (revertName(error) === undefined) throw error;
      }
    }
  }

  /** Every aggregator pins every model and what it came from, so that both are found when their authors are gone. */
  async function keepNewestRound(): Promise<void> {
    const newest = proposedRounds(federation.state).at(-1);
    if (newest === undefined || newest.number === keptRound) return;
    const own = work?.prepared?.proposal.modelRoot;
    // what was prepared here is pinned already
    if (own === undefined || !equalBytes(own, newest.proposed.proposal.modelRoot)) {
      await node.store.put(modelToBytes(await models.get(newest.number)));
    }
    if (work?.round.number === newest.number) {
      for (const { values } of work.updates.verified.values()) await node.store.put(updateToBytes(values));
    }
    keptRound = newest.number;
  }
  let keptRound: number | undefined;

  await runLoop(node, step);
  return 'all rounds are final';
}
