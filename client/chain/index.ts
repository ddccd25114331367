/** `tributary/chain`: a federation on chain, followed by events, and the transactions on it. */
export { attestationData } from './attestation.ts';
export { encodeChallenge, readAnnouncements } from './challenges.ts';
export { type Addresses, checkDeployment, connectChain } from './connect.ts';
export { type Deployment, deploymentSchema, rpcUrlOf } from './deployment.ts';
export { type ChainEvent, createEventFeed, type EventFeed } from './events.ts';
export { explainChainFailure, isRefusedBy, revertName } from './failure.ts';
export { type FederationClient, openFederation, type TaskOnChain, transact } from './federation.ts';
export type { ParametersOnChain, RewardParametersOnChain } from './parameters.ts';
export { ChainProvider } from './provider.ts';
export type { RewardsState } from './rewardState.ts';
export { openRewards, type RewardsClient } from './rewards.ts';
export { type FederationState, type Proposal, proposedRounds, type Round, type Submission } from './rounds.ts';
export { createSender, type Sender } from './sender.ts';
export { packTerms, unpackTerms } from './updateTerms.ts';
export { createWake, type Wake } from './wake.ts';
