/** `tributary/participant`: what every role is made of, on any platform: events, rounds, rewards, disputes. */
export { describeEvent } from './describeEvent.ts';
export { bringChallenge, type Outcome } from './disputes/challenges.ts';
export { demandOpening } from './disputes/demands.ts';
export type { NodeEvent, Report, Role } from './events.ts';
export { runLoop, runLoops, type Step } from './loop.ts';
export {
  callFederation,
  callRewards,
  type Observer,
  type Participant,
  type ParticipantOptions,
  peerEndpoints,
} from './participant.ts';
export { type CompileTask, openPlans, type Plans } from './plans.ts';
export { createRest } from './rest.ts';
export { createLedger, type Ledger } from './rewards/ledger.ts';
export { createReputationsReader } from './rewards/reputations.ts';
export { encodeLocalUpdate, type LocalUpdate, trainUpdate, type UpdateAuthor } from './rounds/localUpdate.ts';
export { createModels, type Models } from './rounds/models.ts';
export { fetchInputs, type Recomputed, recompute } from './rounds/recompute.ts';
export { createRoundModels } from './rounds/roundModels.ts';
export { createUpdates, type Updates } from './rounds/updates.ts';
