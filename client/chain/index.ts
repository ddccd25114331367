/**
 * `tributary/chain`: a federation on chain, followed by events, and the transactions on it.
 * @module
 */
export { type AccountKeys, type AccountSender, openAccount, readAccountKeys } from './accountSender.ts';
export { type AttestedRoot, attestationData, type TypedData } from './attestation.ts';
export { type Announcement, encodeChallenge, type Refuted, readAnnouncements } from './challenges.ts';
export { type Addresses, checkDeployment, connectChain } from './connect.ts';
export { type Deployment, deploymentSchema, rpcUrlOf } from './deployment.ts';
export { type ChainEvent, createEventFeed, type EventFeed, type FeedSource, type Head } from './events.ts';
export { explainChainFailure, isRefusedBy, revertName } from './failure.ts';
export { type FederationClient, openFederation, type TaskOnChain, transact } from './federation.ts';
export type { LogFilter, LogRange } from './log.ts';
export type { LogSource } from './logs.ts';
export type { ParametersOnChain, RewardParametersOnChain } from './parameters.ts';
export { ChainProvider, type RpcCall } from './provider.ts';
export type { PublishedScores, RewardAccount, RewardsState, Scoring, ShortPayment } from './rewardState.ts';
export { openRewards, type RewardsClient } from './rewards.ts';
export {
  type FederationState,
  type Proposal,
  type ProposedAggregate,
  type ProposedRound,
  proposedRounds,
  type Round,
  type Submission,
} from './rounds.ts';
export { createSender, type Sender, type SendOptions } from './sender.ts';
export type { RewardFacts, StatedRewards } from './statedRewards.ts';
export { packTerms, type UpdateTerms, unpackTerms } from './updateTerms.ts';
export { createWake, type Wake } from './wake.ts';
