/** `tributary/actions`: what a person does, one function each: the command line, a page and a program call the same. */
export { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
export { type Claimed, claim, type Paid, type Payout } from './claim.ts';
export { type Connection, connectFederation, type Followed, type Signed } from './connect.ts';
export { type ExplainedReward, explainRewards, requireRight } from './explainRewards.ts';
export { exportModel } from './exportModel.ts';
export { type FetchedModel, fetchModel } from './fetchModel.ts';
export { type Funded, fundPool } from './fund.ts';
export { observe } from './observe.ts';
export { type RecomputedRound, recomputeRound } from './recomputeRound.ts';
export { type RewardsStatus, readRewards } from './rewards.ts';
export { stake, type Unbonding, unstake, withdraw } from './stake.ts';
export { type FederationStatus, readStatus } from './status.ts';
