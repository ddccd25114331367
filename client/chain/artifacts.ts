/** The compiled contracts, as Hardhat leaves them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { Interface } from 'ethers';
import { TributaryError, validateArgument } from '../core/errors.ts';

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

export type ChallengeContractName = (typeof challengeContracts)[number];
export type ContractName =
  | 'TributaryToken'
  | 'Stake'
  | 'Policy'
  | 'Federation'
  | 'Rewards'
  | (typeof linkedLibraries)[number]
  | 'Treasury'
  | 'VotingPower'
  | 'FederationFactory'
  | 'GovernedCalls'
  | 'TributaryGovernor'
  | ChallengeContractName;

const sources: Record<ContractName, string> = {
  TributaryToken: 'token/TributaryToken.sol/TributaryToken.json',
  Stake: 'staking/Stake.sol/Stake.json',
  Policy: 'governance/Policy.sol/Policy.json',
  Treasury: 'governance/Treasury.sol/Treasury.json',
  VotingPower: 'governance/VotingPower.sol/VotingPower.json',
  FederationFactory: 'governance/FederationFactory.sol/FederationFactory.json',
  GovernedCalls: 'governance/GovernedCalls.sol/GovernedCalls.json',
  TributaryGovernor: 'governance/TributaryGovernor.sol/TributaryGovernor.json',
  Federation: 'federation/Federation.sol/Federation.json',
  Boundary: 'federation/Boundary.sol/Boundary.json',
  Electors: 'federation/Electors.sol/Electors.json',
  Waiting: 'federation/Waiting.sol/Waiting.json',
  AggregateChallenges: 'challenges/AggregateChallenges.sol/AggregateChallenges.json',
  InputChallenges: 'challenges/InputChallenges.sol/InputChallenges.json',
  TrainerChallenges: 'challenges/TrainerChallenges.sol/TrainerChallenges.json',
  Openings: 'challenges/Openings.sol/Openings.json',
  RewardChallenges: 'challenges/RewardChallenges.sol/RewardChallenges.json',
  Rewards: 'rewards/Rewards.sol/Rewards.json',
  Enrolment: 'rewards/Enrolment.sol/Enrolment.json',
  Evaluators: 'rewards/Evaluators.sol/Evaluators.json',
  Funding: 'rewards/Funding.sol/Funding.json',
  ScoreDemands: 'rewards/ScoreDemands.sol/ScoreDemands.json',
  StatementOrder: 'rewards/StatementOrder.sol/StatementOrder.json',
};

/** In bytes. */
type Places = readonly { start: number; length: number }[];
/** Where the addresses of libraries go: by source, then by library. */
type LinkReferences = Record<string, Record<string, Places>>;

export interface Artifact {
  abi: readonly Record<string, unknown>[];
  bytecode: string;
  linkReferences: LinkReferences;
  deployedBytecode: string;
  deployedLinkReferences: LinkReferences;
  /** Where values stand in the deployed code that are filled in when the contract is made. */
  immutableReferences?: Record<string, Places>;
}

/** Addresses of libraries that contracts call. */
export type Libraries = Partial<Record<ContractName, string>>;

/** Errors: CONTRACT_MISSING when the contracts have not been compiled. */
export function readArtifact(name: ContractName): Artifact {
  // where others than the project's own are tried, such as those that scripts/mutate breaks
  const folder = env.TRIBUTARY_ARTIFACTS ?? fileURLToPath(new URL('../../artifacts/contracts', import.meta.url));
  try {
    return JSON.parse(readFileSync(join(folder, sources[name]), 'utf8')) as Artifact;
  } catch (cause) {
    throw new TributaryError('CONTRACT_MISSING', 'The contracts are not compiled: run `npx hardhat build`.', { cause });
  }
}

/** The code with the addresses of its libraries. Errors: ARGUMENT_INVALID for one that is not given. */
export function linkBytecode(
  { bytecode, linkReferences }: Pick<Artifact, 'bytecode' | 'linkReferences'>,
  libraries: Libraries,
): string {
  const places = Object.values(linkReferences).flatMap((source) => Object.entries(source));
  return places.reduce((code, [library, references]) => {
    const address = libraries[library as ContractName];
    validateArgument(address !== undefined, `The address of library ${library} is needed.`);
    return references.reduce((linked, { start, length }) => {
      const [from, to] = [2 + 2 * start, 2 + 2 * (start + length)];
      return linked.slice(0, from) + address.slice(2).toLowerCase() + linked.slice(to);
    }, code);
  }, bytecode);
}

const interfaces = new Map<ContractName, Interface>();

export function contractInterface(name: ContractName): Interface {
  let parsed = interfaces.get(name);
  if (parsed === undefined) {
    parsed = new Interface(readArtifact(name).abi as never);
    interfaces.set(name, parsed);
  }
  return parsed;
}
