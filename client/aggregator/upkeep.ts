/** What keeps rounds going besides proposing: finality, giving up what is hopeless, not waiting for who is gone. */

import { unlessRefused } from '../chain/failure.ts';
import { structArgument } from '../chain/federation.ts';
import { type ProposedRound, proposedRounds, type Round, skippedFrom } from '../chain/rounds.ts';
import type { ErrorName, MethodName } from '../contracts/contracts.ts';
import { isDrawn } from '../core/rewards/lot.ts';
import { callFederation, callRewards, type Participant } from '../participant/participant.ts';
import { createForgetter } from '../participant/rounds/updates.ts';

/** What the chain answers to a finalisation where its clock is behind ours, or another was faster. */
const overtaken: readonly ErrorName[] = ['ChallengeWindowOpen', 'NotNextToFinalize'];
/** And to a report of who came back, left or was reported meanwhile. */
const notGone: readonly ErrorName[] = [
  'NotATrainer',
  'NotAbsent',
  'NotUnserved',
  'NotFinal',
  'NotIdle',
  'NotAnEvaluator',
];
/** An aggregator that missed so many turns in a row is none any more once that is reported. */
const missedTurnsOfIdle = 3;
/** An evaluator that committed to the scores of none of so many rounds likewise. */
const missedRoundsOfAbsent = 4;

export interface Upkeep {
  finalizeWhatStood(): Promise<void>;
  /** Once for each round that opens. */
  reportWhoIsGone(open: Round): Promise<void>;
  skipIfHopeless(round: Round): Promise<void>;
  forgetOldUpdates(): Promise<void>;
}

export function createUpkeep(node: Participant): Upkeep {
  const { federation, account, parameters, report } = node;
  const reportAbsentEvaluators = createEvaluatorsWatch(node);
  let lookedAt: string | undefined;

  /** Long after the deadline nobody could propose: the round is given up, another starts from the same model. */
  async function skipIfHopeless(round: Round): Promise<void> {
    if (federation.chainTime() < skippedFrom(round, parameters())) return;
    await callFederation(node, `skipping round ${round.number}`, 'skipRound', [round.number]);
  }

  async function finalizeWhatStood(): Promise<void> {
    const { finalRound } = federation.state;
    const next = proposedRounds(federation.state).find(({ number }) => number > finalRound);
    if (next === undefined) return;
    // its proposer first: the others need not pay for a transaction that fails
    const patience = next.proposed.proposer === account ? 0 : parameters().turnSeconds;
    if (federation.chainTime() < next.proposed.closesAt + patience) return;
    const step = `finalising round ${next.number}`;
    const receipt = await unlessRefused(overtaken, () => callFederation(node, step, 'finalizeRound', [next.number]));
    if (receipt === undefined) return;
    report({ event: 'finalized', round: next.number, gas: Number(receipt.gasUsed) });
  }

  /** Rounds should not wait for those who are gone. Who has the turn looks after it; the gas is its own. */
  async function reportWhoIsGone(open: Round): Promise<void> {
    const { finalRound } = federation.state;
    const key = `${open.number}/${finalRound}`;
    if (key === lookedAt) return;
    const [holder, ...others] = await federation.readTurns();
    if (holder === account) {
      const final = federation.state.rounds.get(finalRound) as ProposedRound | undefined;
      const skipped = [...federation.state.rounds.values()].filter((round) => round.skipped && !round.voided).at(-1);
      for (const missed of [final, skipped]) if (missed !== undefined) await reportAbsentTrainers(missed);
      if (final !== undefined) await reportUnservedTrainers(final);
      for (const other of others) await reportIfIdle(other);
      await reportAbsentEvaluators();
    }
    lookedAt = key;
  }

  /** Those that have been heard of since are back. */
  async function reportAbsentTrainers(missed: Round): Promise<void> {
    const since = [...federation.state.rounds.values()].filter(({ number }) => number >= missed.number);
    for (const [trainer, fromRound] of federation.state.trainers) {
      if (fromRound > missed.number || since.some(({ submissions }) => submissions.has(trainer))) continue;
      await send(`reporting the absence of ${trainer}`, 'reportAbsence', [trainer]);
    }
  }

  async function reportUnservedTrainers({ number, unserved, proposed }: ProposedRound): Promise<void> {
    const { proposal, omitted } = proposed;
    for (const trainer of omitted) {
      if (unserved.has(trainer) || !federation.state.trainers.has(trainer)) continue;
      const step = `reporting that ${trainer} served nobody in round ${number}`;
      await send(step, 'reportUnserved', [structArgument(proposal), omitted, trainer]);
    }
  }

  async function reportIfIdle(aggregator: string): Promise<void> {
    if ((await federation.readMissedTurns(aggregator)) < missedTurnsOfIdle) return;
    await send(`reporting that ${aggregator} missed its turns`, 'reportIdle', [aggregator]);
  }

  async function send(step: string, method: MethodName<'Federation'>, args: readonly unknown[]): Promise<void> {
    await unlessRefused(notGone, () => callFederation(node, step, method, args));
  }

  return { finalizeWhatStood, reportWhoIsGone, skipIfHopeless, forgetOldUpdates: createForgetter(node) };
}

/** Reports evaluators that were drawn for several rounds and have committed to nothing since the first of them. */
function createEvaluatorsWatch(node: Participant): () => Promise<void> {
  const { federation, rewards, rewardParametersOf } = node;

  /** As many as the ring can hold where it is smaller. */
  const most = Math.min(missedRoundsOfAbsent, node.task.ringSize - 1);

  function missedBy(evaluator: string, joinedAfter: number): number[] {
    const final = proposedRounds(federation.state).filter((round) => {
      return round.final && round.number > federation.state.finalRound - node.task.ringSize;
    });
    const drawn = final.filter(({ number }) => {
      if (number <= joinedAfter) return false;
      const scoring = rewards.state.scorings.get(number);
      // what nobody has opened all have missed
      if (scoring === undefined) return true;
      return isDrawn(evaluator, scoring.modelRoot, scoring.evaluatorCount, rewardParametersOf(number).committeeSize);
    });
    const newest = drawn.map(({ number }) => number).slice(-most);
    const isBack = [...rewards.state.committed].some(([round, who]) => round >= newest[0]! && who.has(evaluator));
    return newest.length < most || isBack ? [] : newest;
  }

  return async () => {
    for (const [evaluator, joinedAfter] of rewards.state.evaluators) {
      const rounds = missedBy(evaluator, joinedAfter);
      if (rounds.length === 0) continue;
      const step = `reporting the absence of evaluator ${evaluator}`;
      await unlessRefused(notGone, () => callRewards(node, step, 'reportAbsence', [evaluator, rounds]));
    }
  };
}
