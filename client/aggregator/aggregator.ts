/**
 * An aggregator's rounds: fetch and verify every update, compute the next model, pin it, propose it; finalise what has
 * stood its window, and state what it has earned whom. All that it does follows from the chain, so that any other aggregator would have done the same.
 */

import { allSubmitted, fewestUpdates, finalCount, proposedRounds, type Round } from '../chain/rounds.ts';
import { modelToBytes } from '../core/codec.ts';
import { equalBytes } from '../core/hash.ts';
import { omittedHash } from '../core/inputs.ts';
import { createAwaitedWatch } from '../participant/awaited/watch.ts';
import { runLoops } from '../participant/loop.ts';
import { createLossWatch } from '../participant/losses.ts';
import { createMembership, joinAsAggregator } from '../participant/membership.ts';
import type { Participant } from '../participant/participant.ts';
import { createHaltWatch, reasonToStop } from '../participant/policy.ts';
import { createScoresWatch } from '../participant/rewards/scores.ts';
import { type AttestationBook, openAttestationBook, takeAttestation } from '../participant/rounds/attestationBook.ts';
import { type Attesting, createAttesting } from '../participant/rounds/attesting.ts';
import { createElectorsReader } from '../participant/rounds/electors.ts';
import { createHeldInputs, type HeldInputs, inputsRootOf } from '../participant/rounds/heldInputs.ts';
import type { Models } from '../participant/rounds/models.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { createAnswers } from './answers.ts';
import { createGossip } from './gossip.ts';
import { type AttestedChoice, type ChosenInputs, createRoundInputs, type RoundInputs } from './inputs.ts';
import { createKeeping } from './keeping.ts';
import { prepareProposal, type Ready } from './prepare.ts';
import { createProposing } from './proposing.ts';
import { createRewarding } from './rewards.ts';
import { createUpkeep } from './upkeep.ts';
import { createWaiting } from './waiting.ts';

interface Work {
  number: number;
  held: HeldInputs;
  attesting: Attesting;
  inputs: RoundInputs;
  prepared?: Ready;
}

/** Runs until the rounds asked for are final, or for ever. */
export async function runAggregator(node: Participant): Promise<string> {
  const book = await openAttestationBook(node);
  node.inbox.take = (path, document) => takeAttestation(node, book, path, document);
  // apart from one another: nothing that a round waits for may delay an answer
  await runLoops(node, (working) => {
    const models = createRoundModels(working);
    const scores = createScoresWatch(working);
    const reward = createRewarding(working, scores.read);
    return {
      'aggregating rounds': createRounds(working, models, book),
      'keeping what was proposed': createKeeping(working, models),
      'answering demands': createAnswers(working, models),
      'exchanging attestations': createGossip(working, book),
      'collecting scores': scores.step,
      'stating rewards': async () => (await reward()) && roundsAreOver(working),
      'looking for losses': createLossWatch(working),
      'looking for what halts rounds': createHaltWatch(working, true),
      'looking for what rounds wait for': createAwaitedWatch(working),
    };
  });
  return await reasonToStop(node, 'all rounds and their rewards are final');
}

function roundsAreOver({ federation, options }: Participant): boolean {
  return finalCount(federation.state) >= (options.rounds ?? Number.POSITIVE_INFINITY);
}

export function createRounds(node: Participant, models: Models, book: AttestationBook): () => Promise<boolean> {
  const { federation, parameters } = node;
  const electors = createElectorsReader(node);
  const proposing = createProposing(node, electors);
  const waiting = createWaiting(node);
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
    await upkeep.reportWhoIsGone(round);
    if (work?.number !== round.number) work = startWork(round);
    if (allSubmitted(round) || federation.chainTime() >= round.submissionDeadline) await aggregateRound(work, round);
    return false;
  }

  function startWork(round: Round): Work {
    const { number } = round;
    const held = createHeldInputs(node, () => federation.state.rounds.get(number) ?? round);
    const attesting = createAttesting(node, book, electors, held);
    return { number, held, attesting, inputs: createRoundInputs(node, book, electors, held, attesting) };
  }

  async function aggregateRound(current: Work, round: Round): Promise<void> {
    const { held, attesting, inputs } = current;
    try {
      await held.search();
    } catch (error) {
      // where nobody can tell what the updates weigh, the next round from this model does without
      await upkeep.skipIfHopeless(round);
      throw error;
    }
    if (!(await held.takesNoMore())) return;
    await attesting.attest();
    const draft = inputs.draft();
    if (held.verified().length < fewestUpdates(parameters(), round)) return await upkeep.skipIfHopeless(round);
    if (draft === undefined) return;
    // while the others sign
    if (!isPrepared(current, draft)) current.prepared = await prepareProposal(node, models, round, draft);
    const choice = await inputs.gather();
    if ('silent' in choice) {
      waiting.report(held.roundNow(), choice);
      return await upkeep.skipIfHopeless(round);
    }
    if (choice.updates.length < fewestUpdates(parameters(), round)) return await upkeep.skipIfHopeless(round);
    if (!isPrepared(current, choice)) current.prepared = await prepareProposal(node, models, round, choice);
    await propose(current, current.prepared!, choice);
  }

  /** The same inputs, in whatever order, and weighed alike. */
  function isPrepared({ prepared }: Work, { updates, omitted, reputations }: ChosenInputs): boolean {
    if (prepared?.proposal.inputCount !== updates.length) return false;
    const { proposal } = prepared;
    const isSame = equalBytes(proposal.omittedHash, omittedHash(omitted));
    return (
      isSame && equalBytes(proposal.reputations, reputations) && equalBytes(proposal.inputsRoot, inputsRootOf(updates))
    );
  }

  async function propose({ held }: Work, prepared: Ready, choice: AttestedChoice): Promise<void> {
    const { submissionDeadline } = held.roundNow();
    switch (await proposing.propose(prepared.proposal, choice)) {
      case 'notMyTurn':
        return await proposing.claimTurn(prepared, submissionDeadline);
      case 'tooManyOmitted':
        return await upkeep.skipIfHopeless(held.roundNow());
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
    if (work?.number === newest.number) await work.held.keep();
    keptRound = newest.number;
  }

  return step;
}
