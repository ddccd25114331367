/** Scores the proposals that are to be scored now, each once, and writes the scores down. */

import { randomBytes } from 'ethers';
import { unlessRefused } from '../chain/failure.ts';
import type { Scoring } from '../chain/rewardState.ts';
import { scoringOf } from '../chain/rewards.ts';
import { isProposed, type ProposedRound, proposedRounds, type Round } from '../chain/rounds.ts';
import type { ErrorName } from '../contracts/contracts.ts';
import { decodeModel } from '../core/codec.ts';
import { TributaryError } from '../core/errors.ts';
import { compareAddresses } from '../core/inputs.ts';
import { isDrawn } from '../core/rewards/lot.ts';
import { callRewards, type Participant } from '../participant/participant.ts';
import type { Plans } from '../participant/plans.ts';
import type { Models } from '../participant/rounds/models.ts';
import { fetchInputs, rightInputs } from '../participant/rounds/recompute.ts';
import type { Updates } from '../participant/rounds/updates.ts';
import type { Dataset } from '../training/engine.ts';
import type { Ballots } from './ballots.ts';
import { scoreUpdates } from './score.ts';
import { scoredTrainers } from './scoredTrainers.ts';

const openingShareOfScoring = 0.125;
/** What the chain answers where the proposal was voided, or its time is over. */
const overtaken: readonly ErrorName[] = ['RoundNotProposed', 'ScoringClosed'];

export interface Judge {
  plans: Pick<Plans, 'inForce'>;
  validation: Dataset;
}

/** Answers true when there are new scores. */
export function createScoring(
  node: Participant,
  models: Models,
  updatesFor: (round: Round) => Updates,
  ballots: Ballots,
  judge: Judge,
): () => Promise<boolean> {
  const { federation, rewards, account, rewardParametersOf, report } = node;

  return async () => {
    for (const round of proposedRounds(federation.state).filter(mayScore)) {
      try {
        const scoring = await openScoring(round);
        // those of one round are not to wait for those of the next
        if (scoring !== undefined && isDue(round, scoring) && (await scoreRound(round, scoring))) return true;
      } catch (error) {
        // the next round is scored all the same
        if (!(error instanceof TributaryError) || !error.retryable) throw error;
        report({ event: 'retrying', step: `scoring round ${round.number}`, reason: error.message, code: error.code });
      }
    }
    return false;
  };

  function mayScore(round: ProposedRound): boolean {
    const joinedAfter = rewards.state.evaluators.get(account) ?? Number.POSITIVE_INFINITY;
    const inTime = !round.final && federation.chainTime() < scoringEndsAt(round);
    return inTime && joinedAfter < round.number;
  }

  /** Who is scored is settled when scoring opens. One evaluator opens it, the next where that one keeps silent. */
  async function openScoring(round: ProposedRound): Promise<Scoring | undefined> {
    const opened = scoringOf(rewards.state, round);
    if (opened !== undefined) return opened;
    const ring = [...rewards.state.evaluators.keys()].sort(compareAddresses);
    const place = (ring.indexOf(account) + round.number) % ring.length;
    const patience = rewardParametersOf(round.number).scoringSeconds * openingShareOfScoring * place;
    if (federation.chainTime() < round.proposed.proposedAt + patience) return undefined;
    const step = `opening the scoring of round ${round.number}`;
    await unlessRefused(overtaken, () => callRewards(node, step, 'openScoring', [round.number]));
    return scoringOf(await rewards.sync(), round);
  }

  function isDue(round: ProposedRound, { proposedAt: scoredAt, evaluatorCount, modelRoot }: Scoring): boolean {
    // once committed, whatever the folder holds, there is nothing more to do
    const done = rewards.state.committed.get(round.number)?.has(account) || ballots.find(round.number, scoredAt);
    return !done && isDrawn(account, modelRoot, evaluatorCount, rewardParametersOf(round.number).committeeSize);
  }

  async function scoreRound(round: ProposedRound, { proposedAt: scoredAt, accountCount }: Scoring): Promise<boolean> {
    const untilMs = Date.now() + 1000 * (scoringEndsAt(round) - federation.chainTime());
    const updates = updatesFor(round);
    await fetchInputs(round, updates, untilMs);
    const inputs = await rightInputs(node, round, updates);
    const scored = scoredTrainers(rewards.state, inputs, accountCount).map((trainer) => updates.verified.get(trainer));
    // with a false update in it, the proposal will be refuted
    if (!scored.every((update) => update !== undefined)) return false;

    const { model } = await judge.plans.inForce();
    const startedAt = performance.now();
    const { scores, found } = await scoreUpdates({
      model,
      validation: judge.validation,
      base: decodeModel(await models.get(round.baseRound)),
      ...(await before(round, untilMs)),
      updates: scored,
      found: ballots.foundBefore(round.number),
    });
    await ballots.write({ round: round.number, proposedAt: scoredAt, scores, salt: randomBytes(32), found });
    const seconds = (performance.now() - startedAt) / 1000;
    report({ event: 'scored', round: round.number, trainers: scored.length, seconds, scores: [...scores] });
    return true;
  }

  /** What was public when the round began. */
  async function before(round: ProposedRound, untilMs: number) {
    const base = federation.state.rounds.get(round.baseRound);
    if (!isProposed(base)) return { previousBase: undefined, earlierUpdates: [] };
    const updates = updatesFor(base);
    const { included } = base.proposed;
    await updates.fetch(
      included.map((trainer) => base.submissions.get(trainer)!),
      untilMs,
    );
    // what nobody serves any more nobody can copy either
    const earlierUpdates = included.flatMap((trainer) => updates.verified.get(trainer) ?? []);
    return { previousBase: decodeModel(await models.get(base.baseRound)), earlierUpdates };
  }

  function scoringEndsAt(round: ProposedRound): number {
    return round.proposed.proposedAt + rewardParametersOf(round.number).scoringSeconds;
  }
}
