/** The compiled contracts, as Hardhat leaves them. */
import { readFileSync } from 'node:fs';
import { Interface } from 'ethers';
import { TributaryError } from '../core/errors.ts';

/** The contracts that every federation of a chain shares: they prove faults. */
export const challengeContracts = [
  'AggregateChallenges',
  'InputChallenges',
  'TrainerChallenges',
  'Openings',
  'RewardChallenges',
] as const;
export type ChallengeContractName = (typeof challengeContracts)[number];
export type ContractName = 'TributaryToken' | 'Stake' | 'Federation' | 'Rewards' | ChallengeContractName;

const sources: Record<ContractName, string> = {
  TributaryToken: 'token/TributaryToken.sol/TributaryToken.json',
  Stake: 'staking/Stake.sol/Stake.json',
  Federation: 'federation/Federation.sol/Federation.json',
  AggregateChallenges: 'challenges/AggregateChallenges.sol/AggregateChallenges.json',
  InputChallenges: 'challenges/InputChallenges.sol/InputChallenges.json',
  TrainerChallenges: 'challenges/TrainerChallenges.sol/TrainerChallenges.json',
  Openings: 'challenges/Openings.sol/Openings.json',
  RewardChallenges: 'challenges/RewardChallenges.sol/RewardChallenges.json',
  Rewards: 'rewards/Rewards.sol/Rewards.json',
};

export interface Artifact {
  abi: readonly Record<string, unknown>[];
  bytecode: string;
}

/** Errors: CONTRACT_MISSING when the contracts have not been compiled. */
export function readArtifact(name: ContractName): Artifact {
  const url = new URL(`../../artifacts/contracts/${sources[name]}`, import.meta.url);
  try {
    return JSON.parse(readFileSync(url, 'utf8')) as Artifact;
  } catch (cause) {
    throw new TributaryError('CONTRACT_MISSING', 'The contracts are not compiled: run `npx hardhat build`.', { cause });
  }
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
