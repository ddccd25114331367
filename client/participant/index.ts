/**
 * `tributary/participant`: what every role is made of, on any platform: events, rounds, rewards, disputes.
 * @module
 */
export { describeEvent } from './describeEvent.ts';
export { bringChallenge, type Disputed, type Outcome, type Sent } from './disputes/challenges.ts';
export { demandOpening, type Wanted } from './disputes/demands.ts';
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
export { type CompileTask, openPlans, type Plan, type Plans } from './plans.ts';
export { createRest, type Looking, type Rest, type Resting } from './rest.ts';
export { createLedger, type Fate, type Ledger } from './rewards/ledger.ts';
export { createReputationsReader, type ReputationsReader } from './rewards/reputations.ts';
export type { CheckedStatement, StatementCheck } from './rewards/statedSettlement.ts';
export { encodeLocalUpdate, type LocalUpdate, trainUpdate, type UpdateAuthor } from './rounds/localUpdate.ts';
export { createModels, type Models } from './rounds/models.ts';
export { fetchInputs, type Recomputed, recompute } from './rounds/recompute.ts';
export { createRoundModels } from './rounds/roundModels.ts';
export { createUpdates, type Updates } from './rounds/updates.ts';
