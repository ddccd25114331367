/**
 * `tributary`: what runs anywhere, a page in a browser too; the subpaths have more, and `tributary/node` what needs Node.js.
 * @module
 */
export {
  claim,
  connectFederation,
  type ExplainedReward,
  explainRewards,
  type FetchedModel,
  type Followed,
  fetchModel,
  fundPool,
  observe,
  type RecomputedRound,
  readRewards,
  readStatus,
  recomputeRound,
  type Signed,
  stake,
  unstake,
  withdraw,
} from './actions/index.ts';
export { type Deployment, deploymentSchema } from './chain/deployment.ts';
export { createSender, type Sender } from './chain/sender.ts';
export { decodeModel } from './core/codec.ts';
export { type ErrorCode, TributaryError } from './core/errors.ts';
export type { TaskManifest } from './core/task.ts';
export type { NodeEvent, Participant, Report, Role } from './participant/index.ts';
export { runTrainer } from './trainer/trainer.ts';
export { type OwnTraining, trainingBy } from './trainer/training.ts';
export { runWatchtower } from './watchtower/watchtower.ts';
