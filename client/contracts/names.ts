/** The contracts that the client deploys or calls, by the names of their code. */

/** The contracts that every federation of a chain shares: they prove faults. */
export const challengeContracts = [
  'AggregateChallenges',
  'InputChallenges',
  'TrainerChallenges',
  'Openings',
  'RewardChallenges',
] as const;
/** What `Federation` and `Rewards` are linked with, each after those that it calls itself; one of each serves all federations. */
export const linkedLibraries = [
  'Boundary',
  'Electors',
  'Waiting',
  'Enrolment',
  'Evaluators',
  'ScoreDemands',
  'StatementOrder',
  'Funding',
] as const;
const others = [
  'TributaryToken',
  'Stake',
  'Policy',
  'Federation',
  'Rewards',
  'Treasury',
  'VotingPower',
  'FederationFactory',
  'GovernedCalls',
  'TributaryGovernor',
  'NodeAccount',
] as const;

/** All of them. */
export const contractNames = [...others, ...linkedLibraries, ...challengeContracts] as const;
/** A contract that every federation of a chain shares. */
export type ChallengeContractName = (typeof challengeContracts)[number];
/** A library that others are linked with. */
export type LibraryName = (typeof linkedLibraries)[number];
/** A contract that the client deploys or calls. */
export type ContractName = (typeof contractNames)[number];
