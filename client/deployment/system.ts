/** The contracts that all federations of a chain can share, and those of one task, as steps: a transaction each. */
import { AbiCoder, getCreateAddress, keccak256, parseEther, ZeroHash } from 'ethers';
import type { Deployment } from '../chain/deployment.ts';
import { contractInterface, type MethodName } from '../contracts/contracts.ts';
import { type Libraries, linkedCode } from '../contracts/link.ts';
import { type ContractName, challengeContracts, linkedLibraries } from '../contracts/names.ts';
import { type GovernanceChoices, supplyTokens, votingSettingsOf } from './governanceChoices.ts';

export type SharedContracts = Pick<Deployment, 'token' | 'stake' | 'challenges' | 'libraries' | 'governance'>;
export type TaskContracts = Pick<Deployment, 'policy' | 'rewards' | 'federation'>;

/** Of what slashes take and no challenger is owed. */
const treasuryBasisPoints = 5_000;
/** Of all tokens: more can never be needed to propose. */
const maxThresholdShare = 100n;

/** Every contract of the system, in the order of the deployer's transactions: they name each other. */
const order = [
  'TributaryToken',
  'Treasury',
  'Stake',
  ...challengeContracts,
  ...linkedLibraries,
  'FederationFactory',
  'VotingPower',
  'GovernedCalls',
  'TributaryGovernor',
] as const satisfies readonly ContractName[];
type SharedName = (typeof order)[number];

/** A transaction of the deployer. */
export interface DeployStep {
  /** What is said to happen, a noun. */
  what: string;
  request: { to?: string; data: string };
  /** Of the contract that it creates, computed beforehand. */
  address?: string;
}

/** Every contract of the system, the one of the deployer's next transaction first: they name each other by the addresses that follow. */
export interface SharedPlan {
  steps: DeployStep[];
  contracts: SharedContracts;
}

/** The deployer gets all tokens. It keeps no other power: the treasury administers itself, and carries out votes only. */
export function planShared(founder: string, firstNonce: number, choices: GovernanceChoices): SharedPlan {
  const at = Object.fromEntries(
    order.map((name, index) => [name, getCreateAddress({ from: founder, nonce: firstNonce + index })]),
  ) as Record<SharedName, string>;
  const supplyWei = parseEther(String(supplyTokens));
  const { RewardChallenges: rewardChallenges, ...challenges } = pick(at, challengeContracts);
  const shared = {
    owner: at.Treasury,
    token: at.TributaryToken,
    stake: at.Stake,
    rewardChallenges,
    challenges: Object.values(challenges),
  };
  const libraries = pick(at, linkedLibraries);
  const votes = [Math.round(choices.fundingVotesShare * 10_000), choices.fundingVotesSeconds];
  const { TributaryToken: token, Stake: stake, FederationFactory: factory, VotingPower: votingPower } = at;
  const { Treasury: treasury, TributaryGovernor: governor, GovernedCalls: governedCalls } = at;
  const settings = votingSettingsOf(choices);
  const args: Partial<Record<SharedName, readonly unknown[]>> = {
    TributaryToken: [founder, supplyWei],
    Treasury: [choices.timelockSeconds, governor],
    Stake: [token, treasury, treasuryBasisPoints],
    FederationFactory: [shared, taskCodeHashes(libraries), founder],
    VotingPower: [token, stake, factory, treasury, ...votes],
    GovernedCalls: [token, stake, votingPower, factory, treasury, governor, choices.minimumSeconds],
    TributaryGovernor: [votingPower, treasury, governedCalls, settings, supplyWei / maxThresholdShare],
  };
  const contracts: SharedContracts = {
    token,
    stake,
    challenges: pick(at, challengeContracts),
    libraries,
    governance: { treasury, governor, votingPower, factory, governedCalls },
  };
  return { steps: order.map((name) => creation(name, args[name] ?? [], libraries, at[name])), contracts };
}

export interface TaskTerms {
  /** Tells the author's tasks apart; zero for the first one, which needs no vote to start. */
  salt?: string;
  guardian: string;
  parameters: object;
  rewardParameters: object;
  task: {
    manifestCid: string;
    genesisModelRoot: string;
    genesisModelCid: string;
    dimension: number | bigint;
    ringSize: number;
    startTrainers: number;
  };
  licenceCid?: string | undefined;
  termsCid?: string | undefined;
}

/** The contracts of a task, which the factory creates, one after the other. A vote starts it, unless it is the founder's first. */
export function planTask(
  { governance: { factory }, libraries }: Pick<SharedContracts, 'governance' | 'libraries'>,
  terms: TaskTerms,
): DeployStep[] {
  const { salt = ZeroHash, guardian, parameters, rewardParameters, task } = terms;
  const { licenceCid = ZeroHash, termsCid = ZeroHash } = terms;
  const documents = { manifestCid: task.manifestCid, licenceCid, termsCid };
  const step = (name: 'Policy' | 'Rewards' | 'Federation', args: readonly unknown[]) =>
    call(name, factory, 'FederationFactory', `deploy${name}`, [salt, linkedCode(name, libraries), ...args]);
  return [
    step('Policy', [guardian, parameters, rewardParameters, documents]),
    step('Rewards', []),
    step('Federation', [task]),
  ];
}

/** Where the factory creates an author's task, or has created it. Errors: those of ethers. */
export async function findTask(
  provider: { call(request: { to: string; data: string }): Promise<string> },
  { governance: { factory } }: Pick<SharedContracts, 'governance'>,
  author: string,
  salt: string = ZeroHash,
): Promise<TaskContracts> {
  const abi = contractInterface('FederationFactory');
  const id = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], [author, salt]));
  const answer = await provider.call({ to: factory, data: abi.encodeFunctionData('contractsOf', [id]) });
  const [policy, rewards, federation] = abi.decodeFunctionResult('contractsOf', answer)[0] as [string, string, string];
  return { policy, rewards, federation };
}

/** A call of a contract, as a step. */
export function call<N extends ContractName>(
  what: string,
  to: string,
  contract: N,
  method: MethodName<N>,
  args: readonly unknown[],
): DeployStep {
  return { what, request: { to, data: contractInterface(contract).encodeFunctionData(method, args) } };
}

function creation(name: ContractName, args: readonly unknown[], libraries: Libraries, address: string): DeployStep {
  const data = linkedCode(name, libraries) + contractInterface(name).encodeDeploy(args).slice(2);
  return { what: name, request: { data }, address };
}

function taskCodeHashes(libraries: Libraries): Record<'policy' | 'rewards' | 'federation', string> {
  const hash = (name: ContractName) => keccak256(linkedCode(name, libraries));
  return { policy: hash('Policy'), rewards: hash('Rewards'), federation: hash('Federation') };
}

function pick<T, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, object[key]])) as Pick<T, K>;
}
