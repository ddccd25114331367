/** What a process does now, in a few words, from its newest event. */
import type { NodeEvent } from '../participant/events.ts';
import { formatBytes, formatSeconds } from './format.ts';

export interface Activity {
  round?: number;
  text: string;
  /** Share of the local training that is done, in [0, 1]. */
  progress?: number;
}

/** Undefined where the event changes nothing. */
export function activityOf(event: NodeEvent): Activity | undefined {
  switch (event.event) {
    case 'started':
      return { text: 'started' };
    case 'joined':
      return { text: 'joined' };
    case 'waiting':
      return { text: `waiting for ${event.for}` };
    case 'roundStarted':
      return { round: event.round, text: 'fetched the model', progress: 0 };
    case 'trainingProgress':
      return {
        round: event.round,
        text: `epoch ${Math.min(event.epochs, event.epoch)} of ${event.epochs}`,
        progress: event.samplesTotal === 0 ? 0 : event.samplesDone / event.samplesTotal,
      };
    case 'trained':
      return { round: event.round, text: `trained in ${formatSeconds(event.endedAt - event.startedAt)}`, progress: 1 };
    case 'submitted':
      return { round: event.round, text: `submitted ${formatBytes(event.bytes)}` };
    case 'served':
      return { round: event.round, text: 'serving its update' };
    case 'fetched':
      return { round: event.round, text: 'fetching updates' };
    case 'unavailable':
      return { round: event.round, text: `an update is unavailable: ${event.reason}` };
    case 'aggregated':
      return { round: event.round, text: `aggregated ${event.inputs} updates in ${formatSeconds(event.seconds)}` };
    case 'proposed':
      return { round: event.round, text: 'proposed the model' };
    case 'finalized':
      return { round: event.round, text: 'made the round final' };
    case 'verified':
      return { round: event.round, text: `recomputed the model: it is right (${formatSeconds(event.seconds)})` };
    case 'refuted':
      return { round: event.round, text: `the model is WRONG: ${event.wrong}` };
    case 'attested':
      return { round: event.round, text: `attested ${event.inputs} inputs` };
    case 'answered':
      return { round: event.round, text: `showed what was demanded of its ${event.tree} tree` };
    case 'unanswerable':
      return { round: event.round, text: `nobody can show the ${event.tree} tree that was proposed` };
    case 'cheated':
      return { round: event.round, text: `CHEATS: ${event.did}` };
    case 'refused':
      return { round: event.round, text: `refused: ${event.by}` };
    case 'challenging':
      return { round: event.round, text: `proving that ${event.fault}` };
    case 'challenged':
      return { round: event.round, text: `proved by ${event.proof} that ${event.fault}` };
    case 'demanded':
      return { round: event.round, text: `demanded to see the ${event.tree} tree` };
    case 'forfeited':
      return { round: event.round, text: 'nobody showed what was demanded: the proposal is void' };
    case 'scored':
      return { round: event.round, text: `scored ${event.trainers} updates in ${formatSeconds(event.seconds)}` };
    case 'scoresCommitted':
      return { round: event.round, text: 'committed to its scores' };
    case 'scoresRevealed':
      return { round: event.round, text: 'revealed its scores' };
    case 'scoresDemanded':
      return { round: event.round, text: `demanded the scores of ${event.evaluator}` };
    case 'scoresPublished':
      return { round: event.round, text: 'published the scores that were demanded' };
    case 'stakeLost':
      return { text: `LOST stake: ${event.reason}` };
    case 'scoresForfeited':
      return { round: event.round, text: `evaluator ${event.evaluator} did not show its scores` };
    case 'rewardsProposed':
      return { round: event.round, text: `stated the rewards of ${event.scored} trainers` };
    case 'rewardsFinalized':
      return { round: event.round, text: 'made the rewards final' };
    case 'rewardsUnknown':
      return { round: event.round, text: 'found wrong balances that are final' };
    case 'rewardsUnreadable':
      return { round: event.round, text: 'passed over a reward statement that cannot be decoded' };
    case 'poolRanDry':
      return { round: event.round, text: 'the pool of rewards ran dry' };
    case 'notSwept':
      return { text: `removed nothing from its store: ${event.reason}` };
    case 'missing':
      return { round: event.round, text: `has lost the ${event.what}, gets it again` };
    case 'restored':
      return { round: event.round, text: `has the ${event.what} again` };
    case 'retrying':
      return { text: `trying again: ${event.reason}` };
    case 'stopped':
      return { text: event.reason === 'told to' ? 'stopped' : 'done' };
    case 'failed':
      return { text: `failed: ${event.message}` };
  }
}
