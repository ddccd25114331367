/**
 * A watchtower recomputes every proposal, and every statement of rewards, with the aggregator's own code, from the updates themselves, and proves on chain what
 * is wrong. It keeps nothing: what is in dispute follows from the chain, so a restart in the middle of a window loses nothing.
 */

import { knownFailure } from '../chain/failure.ts';
import {
  allSubmitted,
  finalCount,
  isProposed,
  proposedRounds,
  type Round,
  standingSubmissions,
} from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { buildInputsTree, type InputsTree } from '../core/inputs.ts';
import { createAwaitedWatch } from '../participant/awaited/watch.ts';
import type { Report } from '../participant/events.ts';
import { demandPatienceSeconds } from '../participant/fetchTimeout.ts';
import { keepNewestInPlace } from '../participant/keepNewest.ts';
import { reportRetry, runLoops } from '../participant/loop.ts';
import type { Participant } from '../participant/participant.ts';
import { createHaltWatch } from '../participant/policy.ts';
import { readInputs } from '../participant/rewards/rewardInputs.ts';
import { createScoresWatch } from '../participant/rewards/scores.ts';
import { differenceOf } from '../participant/rounds/difference.ts';
import { fetchInputs, recompute } from '../participant/rounds/recompute.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { rememberUpdates } from '../participant/rounds/updates.ts';
import { createDispute, type Dispute } from './dispute.ts';
import { createParticipants } from './participants.ts';
import { createRewardsWatch } from './rewards.ts';
import { createUnavailableWatch } from './unavailable.ts';

/** Rounds whose inputs stay in memory: the contracts forget those before. */
const rememberedInputs = 64;

/** Runs until the rounds asked for and their rewards are final and checked, or for ever. */
export async function runWatchtower(node: Participant): Promise<string> {
  const { federation, report } = node;
  const models = createRoundModels(node);
  const participants = createParticipants(node);
  const scores = createScoresWatch(node);
  const pursueUnavailable = createUnavailableWatch(node);
  /** By the id of their proposal. */
  const inputsOf = new Map<string, InputsTree>();
  const rewards = createRewardsWatch(
    node,
    scores.read,
    async (round) => inputsOf.get(round.proposed.id) ?? (await readInputs(node, round)),
  );
  const wantedRounds = node.options.rounds ?? Number.POSITIVE_INFINITY;
  const updatesFor = rememberUpdates(node);
  /** By the id of the proposal, for a round may be proposed again: what is in dispute, or that it is right. */
  const examined = new Map<string, Dispute | 'right'>();
  /** Ids of proposals whose updates have been waited for once. */
  const searched = new Set<string>();

  async function step(): Promise<boolean> {
    const { state } = federation;
    const open = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
    // final rounds can no longer be challenged: a watchtower that was away begins with what can
    const proposed = proposedRounds(state).filter(({ final }) => !final);
    await eachEvenIfOneFails(report, [
      // what was examined before it may have been proven wrong, and this with it
      ...proposed.map(
        ({ number }) => [`examining round ${number}`, () => examineProposal(state.rounds.get(number)!)] as const,
      ),
      ...(open !== undefined && windowClosed(federation, open)
        ? [[`examining the updates of round ${open.number}`, () => examineUpdates(open)] as const]
        : []),
      ...proposed.map(
        (round) => [`examining who signed round ${round.number}`, () => participants.examineSignatures(round)] as const,
      ),
      ['examining rewards', rewards.examine],
    ]);
    return finalCount(federation.state) >= wantedRounds && rewards.isOver();
  }

  async function examineProposal(live: Round): Promise<void> {
    if (!isProposed(live)) return;
    const round = { ...live };
    const { id, proposer } = round.proposed;
    const known = examined.get(id);
    if (known === 'right') return;
    if (known !== undefined) return await known.advance();

    const updates = updatesFor(round);
    const patience = demandPatienceSeconds(node.parameters().challengeSeconds);
    try {
      await fetchInputs(round, updates, Date.now() + (searched.has(id) ? 0 : 1000 * patience));
    } catch (error) {
      if (!(error instanceof TributaryError) || error.code !== 'BLOB_UNAVAILABLE') throw error;
      searched.add(id);
      if (live.proposed?.id !== id) return;
      if (federation.chainTime() < round.proposed.proposedAt + patience) throw error;
      return await pursueUnavailable(round, updates);
    }
    await participants.examine(round, updates);
    if (live.proposed?.id !== id) return;
    const startedAt = performance.now();
    const recomputed = await recompute(node, models, round, updates);
    const wrong =
      recomputed === undefined
        ? 'it takes in an update that is false'
        : differenceOf(round, recomputed.right.commitment);
    if (wrong === undefined) {
      examined.set(id, 'right');
      const { updates: included } = recomputed!.right;
      // without the values
      const inputs = included.map(({ trainer, updateRoot, weight }) => ({ trainer, updateRoot, weight }));
      inputsOf.set(id, buildInputsTree(inputs));
      keepNewestInPlace(inputsOf, rememberedInputs);
      report({ event: 'verified', round: round.number, proposer, seconds: (performance.now() - startedAt) / 1000 });
      return;
    }
    if (!(await stillStands(federation, live, id))) return;
    report({ event: 'refuted', round: round.number, proposer, wrong });
    const dispute = await createDispute(node, round, updates, recomputed);
    examined.set(id, dispute);
    await dispute.advance();
  }

  /** Updates are served as soon as a round takes no more: who lies is slashed before the round is proposed. */
  async function examineUpdates(round: Round): Promise<void> {
    const updates = updatesFor(round);
    await updates.fetch(standingSubmissions(round), Date.now());
    await participants.examine(round, updates);
  }

  // scores must be collected in time, whatever else is in dispute
  await runLoops(node, (working) => ({
    'watching rounds': step,
    'collecting scores': scores.step,
    'looking for what halts rounds': createHaltWatch(working, false),
    'looking for what rounds wait for': createAwaitedWatch(working),
  }));
  return 'all rounds and their rewards are final';
}

function windowClosed(federation: Participant['federation'], round: Round): boolean {
  return allSubmitted(round) || federation.chainTime() >= round.submissionDeadline;
}

/** Of a chain that takes blocks back one half may have been read before, the other after: then a proposal is looked at anew. */
async function stillStands(federation: Participant['federation'], live: Round, id: string): Promise<boolean> {
  await federation.sync();
  return federation.state.rounds.get(live.number) === live && live.proposed?.id === id;
}

/**
 * What cannot be examined yet holds up nothing else; the loop is told of it at the end. A refusal by the contract is only reported:
 * nobody who brings it about ends the watch.
 */
async function eachEvenIfOneFails(
  report: Report,
  examinations: readonly (readonly [name: string, examine: () => Promise<unknown>])[],
): Promise<void> {
  let failure: unknown;
  for (const [name, examine] of examinations) {
    await examine().catch((error: unknown) => {
      const known = knownFailure(error, name);
      if (known?.code === 'TRANSACTION_REVERTED') reportRetry({ report }, name, known);
      else if (known?.retryable) failure ??= known;
      else throw error;
    });
  }
  if (failure !== undefined) throw failure;
}
