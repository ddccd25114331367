/**
 * `tributary/actions`: what a person does, one function each: the command line, a page and a program call the same.
 * @module
 */
export {
  type AccountStatus,
  type Collected,
  collectFromAccount,
  readAccount,
  rotateOperator,
} from './account.ts';
export { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
export { type Claimed, claim, type Paid, type Payout } from './claim.ts';
export { type Connection, connectFederation, type Followed, type Signed } from './connect.ts';
export { type ExplainedReward, explainRewards, requireRight } from './explainRewards.ts';
export { type ExportedName, type ExportOptions, exportModel } from './exportModel.ts';
export { type FetchedModel, type FetchModelOptions, fetchModel } from './fetchModel.ts';
export { type Funded, fundPool } from './fund.ts';
export { type RoundMetrics, readRoundMetrics } from './metrics.ts';
export { historyOf, type ModelHistory } from './modelCard/history.ts';
export { type OpenBitswap, observe } from './observe.ts';
export { type RecomputedRound, recomputeRound } from './recomputeRound.ts';
export { type RewardsStatus, readRewards } from './rewards.ts';
export { stake, type Unbonding, unstake, withdraw } from './stake.ts';
export { type FederationStatus, readStatus, type ScoreState } from './status.ts';
export { type ArchiveFlaw, type VerifiedRound, type VerifyOptions, verifyArchive } from './verifyArchive.ts';
export type { WaitsFor } from './waitsFor.ts';
