import type { MethodName } from '../contracts/contracts.ts';
import type { ContractName } from '../contracts/names.ts';

/** Contracts that votes change, by the name of their code. */
export const governedContracts = {
  policy: 'Policy',
  governor: 'TributaryGovernor',
  treasury: 'Treasury',
  votingPower: 'VotingPower',
  factory: 'FederationFactory',
  token: 'TributaryToken',
  stake: 'Stake',
  rewards: 'Rewards',
} as const satisfies Record<string, ContractName>;
export type GovernedName = keyof typeof governedContracts;
/** The functions of such a contract, by name. */
export type GovernedMethod<G extends GovernedName = GovernedName> = MethodName<(typeof governedContracts)[G]>;
