/** What a process does now, in a few words, from its newest event. */
import type { NodeEvent, PerEvent } from '../participant/events.ts';
import { formatBytes, formatSeconds } from './format.ts';

export interface Activity {
  round?: number;
  text: string;
  /** Share of the local training that is done, in [0, 1]. */
  progress?: number;
}

/** Undefined where the event changes nothing. */
export function activityOf(event: NodeEvent): Activity | undefined {
  const describe = texts[event.event] as ((event: NodeEvent) => string) | undefined;
  if (describe === undefined) return undefined;
  const progress = progressOf(event);
  return {
    ...('round' in event ? { round: event.round } : {}),
    text: describe(event),
    ...(progress === undefined ? {} : { progress }),
  };
}

function progressOf(event: NodeEvent): number | undefined {
  switch (event.event) {
    case 'roundStarted':
      return 0;
    case 'trainingProgress':
      return event.samplesTotal === 0 ? 0 : event.samplesDone / event.samplesTotal;
    case 'trained':
      return 1;
    default:
      return undefined;
  }
}

const texts: Partial<PerEvent<string>> = {
  started: () => 'started',
  joined: () => 'joined',
  waiting: (event) => `waiting for ${event.for}`,
  roundStarted: () => 'fetched the model',
  trainingProgress: ({ epoch, epochs }) => `epoch ${Math.min(epochs, epoch)} of ${epochs}`,
  statisticsComputed: () => 'averaging statistics of the data',
  trained: ({ endedAt, startedAt }) => `trained in ${formatSeconds(endedAt - startedAt)}`,
  submitted: ({ bytes }) => `submitted ${formatBytes(bytes)}`,
  served: () => 'serving its update',
  fetched: () => 'fetching updates',
  unavailable: ({ reason }) => `an update is unavailable: ${reason}`,
  aggregated: ({ inputs, seconds }) => `aggregated ${inputs} updates in ${formatSeconds(seconds)}`,
  proposed: () => 'proposed the model',
  finalized: () => 'made the round final',
  verified: ({ seconds }) => `recomputed the model: it is right (${formatSeconds(seconds)})`,
  refuted: ({ wrong }) => `the model is WRONG: ${wrong}`,
  attested: ({ inputs }) => `attested ${inputs} inputs`,
  answered: ({ tree }) => `showed what was demanded of its ${tree} tree`,
  unanswerable: ({ tree }) => `nobody can show the ${tree} tree that was proposed`,
  cheated: ({ did }) => `CHEATS: ${did}`,
  refused: ({ by }) => `refused: ${by}`,
  challenging: ({ fault }) => `proving that ${fault}`,
  challenged: ({ proof, fault }) => `proved by ${proof} that ${fault}`,
  demanded: ({ tree }) => `demanded to see the ${tree} tree`,
  forfeited: () => 'nobody showed what was demanded: the proposal is void',
  scored: ({ trainers, seconds }) => `scored ${trainers} updates in ${formatSeconds(seconds)}`,
  measured: ({ metric, value }) => `measured ${metric} ${Number(value.toPrecision(4))}`,
  scoresCommitted: () => 'committed to its scores',
  scoresRevealed: () => 'revealed its scores',
  scoresDemanded: ({ evaluator }) => `demanded the scores of ${evaluator}`,
  scoresPublished: () => 'published the scores that were demanded',
  stakeLost: ({ reason }) => `LOST stake: ${reason}`,
  scoresForfeited: ({ evaluator }) => `evaluator ${evaluator} did not show its scores`,
  rewardsProposed: ({ scored }) => `stated the round's rewards, of ${scored} scored`,
  rewardsFinalized: () => 'made the rewards final',
  rewardsUnknown: () => 'found wrong balances that are final',
  rewardsUnreadable: () => 'passed over a reward statement that cannot be decoded',
  poolRanDry: () => 'the pool of rewards ran dry',
  notSwept: ({ reason }) => `removed nothing from its store: ${reason}`,
  missing: ({ what }) => `has lost the ${what}, gets it again`,
  restored: ({ what }) => `has the ${what} again`,
  retrying: ({ reason }) => `trying again: ${reason}`,
  stopped: ({ reason }) => (reason === 'told to' ? 'stopped' : 'done'),
  failed: ({ message }) => `failed: ${message}`,
};
