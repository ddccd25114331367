/**
 * An aggregator's rounds: fetch and verify every update, compute the next model, pin it, propose it; finalise what has
 * stood its window, and state what it has earned whom. All that it does follows from the chain, so that any other aggregator would have done the same.
 */

import { revertName } from '../chain/failure.ts';
import { proposalDigest, structArgument } from '../chain/federation.ts';
import { ruleFields } from '../chain/parameters.ts';
import { allSubmitted, finalCount, type Proposal, proposedRounds, type Round } from '../chain/rounds.ts';
import { type Aggregate, aggregate } from '../core/aggregate.ts';
import { digestOfCid } from '../core/cid.ts';
import { modelToBytes } from '../core/codec.ts';
import { equalBytes, toHex } from '../core/hash.ts';
import { encodeInputsList, inputsListBytes, omittedHash } from '../core/inputs.ts';
import { modelBytes } from '../core/numbers.ts';
import { type AttestationBook, openAttestationBook } from '../node/attestations.ts';
import { runLoops } from '../node/loop.ts';
import { createLossWatch } from '../node/losses.ts';
import { createMembership, joinAsAggregator } from '../node/membership.ts';
import { type Models, modelOfRound } from '../node/models.ts';
import { callFederation, type Node } from '../node/node.ts';
import { createHaltWatch, reasonToStop } from '../node/policy.ts';
import { createRoundModels } from '../node/roundModels.ts';
import { createScoresWatch } from '../node/scores.ts';
import { createAnswers } from './answers.ts';
import { createGossip } from './gossip.ts';
import { type ChosenInputs, createRoundInputs, type RoundInputs } from './inputs.ts';
import { createRewarding } from './rewards.ts';
import { createUpkeep } from './upkeep.ts';

/** What the chain answers where another was faster, or aggregators have come and gone: the next look tells. */
const overtaken = ['WrongRound', 'TooFewAttestations', 'SignerNotAnAggregator'];

/** What was proposed, or would be, by this node, and when it was ready (wall clock, ms). */
interface Prepared {
  aggregate: Aggregate;
  proposal: Proposal;
  readyAt: number;
}

interface Work {
  number: number;
  inputs: RoundInputs;
  prepared?: Prepared;
  turnClaimed: boolean;
}

/** Runs until the rounds asked for are final, or for ever. */
export async function runAggregator(node: Node): Promise<string> {
  const book = await openAttestationBook(node);
  // apart from one another: nothing that a round waits for may delay an answer
  await runLoops(node, (working) => {
    const models = createRoundModels(working);
    const scores = createScoresWatch(working);
    const reward = createRewarding(working, scores.read);
    return [
      createRounds(working, models, book),
      createAnswers(working, models),
      createGossip(working, book),
      scores.step,
      async () => (await reward()) && roundsAreOver(working),
      createLossWatch(working),
      createHaltWatch(working, true),
    ];
  });
  return await reasonToStop(node, 'all rounds and their rewards are final');
}

function roundsAreOver({ federation, options }: Node): boolean {
  return finalCount(federation.state) >= (options.rounds ?? Number.POSITIVE_INFINITY);
}

export function createRounds(node: Node, models: Models, book: AttestationBook): () => Promise<boolean> {
  const { federation, account, addresses, parameters, report } = node;
  const upkeep = createUpkeep(node);
  const join = createMembership(node, joinAsAggregator);
  let work: Work | undefined;
  let keptRound: number | undefined;

  async function step(): Promise<boolean> {
    const { state } = federation;
    await upkeep.finalizeWhatStood();
    if (roundsAreOver(node)) return false;
    const membership = await join();
    if (membership !== 'member') return membership === 'barred';
    await keepNewestRound();
    await upkeep.forgetOldUpdates();
    const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
    if (round === undefined) return false;
    await upkeep.reportAbsentTrainers(round);
    if (work?.number !== round.number) work = startWork(round);
    if (allSubmitted(round) || federation.chainTime() >= round.submissionDeadline) await aggregateRound(work, round);
    return false;
  }

  function startWork(round: Round): Work {
    const { number } = round;
    const roundNow = () => federation.state.rounds.get(number) ?? round;
    return { number, inputs: createRoundInputs(node, book, roundNow), turnClaimed: false };
  }

  async function aggregateRound(current: Work, round: Round): Promise<void> {
    const { inputs } = current;
    try {
      await inputs.search();
    } catch (error) {
      // where nobody can tell what the updates weigh, the next round from this model does without
      await upkeep.skipIfHopeless(round);
      throw error;
    }
    if (inputs.verified().length < parameters().minimumUpdates) return await upkeep.skipIfHopeless(round);
    const chosen = await inputs.choose();
    if (chosen === undefined) return;
    if (!isPrepared(current, chosen)) current.prepared = await prepare(round, chosen);
    await proposeInTurn(current, current.prepared!, chosen);
    await inputs.attest();
  }

  /** The same inputs, in whatever order, and weighed alike. */
  function isPrepared({ prepared }: Work, { updates, omitted, reputations }: ChosenInputs): boolean {
    if (prepared?.proposal.inputCount !== updates.length) return false;
    const { proposal } = prepared;
    return equalBytes(proposal.omittedHash, omittedHash(omitted)) && equalBytes(proposal.reputations, reputations);
  }

  async function prepare(round: Round, { updates, omitted, reputations }: ChosenInputs): Promise<Prepared> {
    const base = await models.get(round.baseRound);
    const startedAt = performance.now();
    const result = aggregate(parameters().rule, base, updates);
    const { commitment } = result;
    models.remember(commitment.modelRoot, result.model);
    report({
      event: 'aggregated',
      round: round.number,
      inputs: commitment.inputCount,
      seconds: (performance.now() - startedAt) / 1000,
      modelRoot: toHex(commitment.modelRoot),
    });
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
      reputations,
      ...ruleFields(parameters().rule),
    };
    return { aggregate: result, proposal, readyAt: Date.now() };
  }

  async function proposeInTurn(current: Work, prepared: Prepared, chosen: ChosenInputs): Promise<void> {
    const { proposal } = prepared;
    try {
      const args = [structArgument(proposal), chosen.omitted, chosen.attestations];
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
      if (revert === 'TooManyOmitted') return await upkeep.skipIfHopeless(current.inputs.roundNow());
      if (!overtaken.includes(revert ?? '')) throw error;
    }
  }

  /** Starts the wait after which an aggregator that keeps silent is passed over; one that is only slow gets half a turn. */
  async function claimTurn(current: Work, { proposal, readyAt }: Prepared): Promise<void> {
    const { submissionDeadline } = current.inputs.roundNow();
    if (current.turnClaimed || federation.chainTime() >= submissionDeadline) return;
    if (Date.now() < readyAt + parameters().turnSeconds * 500) return;
    await federation.sync();
    if (federation.state.openRound !== proposal.round) return;
    const digest = proposalDigest(addresses, account, proposal);
    await callFederation(node, 'claiming the turn', 'claimTurn', [proposal.round, digest]);
    current.turnClaimed = true;
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
    if (work?.number === newest.number) await work.inputs.keep();
    keptRound = newest.number;
  }

  return step;
}
