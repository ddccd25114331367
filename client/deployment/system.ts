/** The contracts that all federations of a chain can share, and those of one task, deployed one transaction after the other. */
import {
  getCreateAddress,
  type JsonRpcProvider,
  keccak256,
  parseEther,
  type TransactionReceipt,
  ZeroHash,
} from 'ethers';
import type { Deployment } from '../chain/deployment.ts';
import { transact } from '../chain/federation.ts';
import type { Sender } from '../chain/sender.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { type Libraries, linkedCode } from '../contracts/link.ts';
import { type ContractName, challengeContracts, linkedLibraries } from '../contracts/names.ts';
import { invariant } from '../core/errors.ts';
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

/** The deployer gets all tokens. It keeps no other power: the treasury administers itself, and carries out votes only. */
export async function deployShared(
  provider: Pick<JsonRpcProvider, 'getTransactionCount'>,
  sender: Sender,
  choices: GovernanceChoices,
): Promise<SharedContracts> {
  const founder = sender.address;
  const nonce = await provider.getTransactionCount(founder, 'pending');
  const at = Object.fromEntries(
    order.map((name, index) => [name, getCreateAddress({ from: founder, nonce: nonce + index })]),
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
  for (const name of order) {
    const deployed = await deployContract(sender, name, args[name] ?? [], libraries);
    invariant(deployed === at[name], 'The deployer sent another transaction meanwhile: deploy again.');
  }
  return {
    token,
    stake,
    challenges: pick(at, challengeContracts),
    libraries,
    governance: { treasury, governor, votingPower, factory, governedCalls },
  };
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

/** Deploys the contracts of a task by the factory. A vote starts it, unless it is the founder's first. */
export async function deployTask(
  sender: Sender,
  { governance: { factory }, libraries }: Pick<SharedContracts, 'governance' | 'libraries'>,
  terms: TaskTerms,
): Promise<TaskContracts> {
  const { salt = ZeroHash, guardian, parameters, rewardParameters, task } = terms;
  const { licenceCid = ZeroHash, termsCid = ZeroHash } = terms;
  const documents = { manifestCid: task.manifestCid, licenceCid, termsCid };
  const code = (name: ContractName) => linkedCode(name, libraries);
  const send = (name: 'Policy' | 'Rewards' | 'Federation', args: readonly unknown[]): Promise<TransactionReceipt> =>
    transact(sender, `deploying ${name}`, factory, 'FederationFactory', `deploy${name}`, [salt, code(name), ...args]);
  await send('Policy', [guardian, parameters, rewardParameters, documents]);
  await send('Rewards', []);
  const { logs } = await send('Federation', [task]);
  const abi = contractInterface('FederationFactory');
  const deployed = logs.map((log) => abi.parseLog(log)).find((event) => event?.name === 'TaskDeployed');
  invariant(deployed != null, 'The factory does not say where the task is.');
  const [policy, rewards, federation] = deployed.args.contracts as [string, string, string];
  return { policy, rewards, federation };
}

function taskCodeHashes(libraries: Libraries): Record<'policy' | 'rewards' | 'federation', string> {
  const hash = (name: ContractName) => keccak256(linkedCode(name, libraries));
  return { policy: hash('Policy'), rewards: hash('Rewards'), federation: hash('Federation') };
}

async function deployContract(
  sender: Sender,
  name: ContractName,
  args: readonly unknown[],
  libraries: Libraries,
): Promise<string> {
  const data = linkedCode(name, libraries) + contractInterface(name).encodeDeploy(args).slice(2);
  const receipt = await sender.send(`deploying ${name}`, { data });
  return receipt.contractAddress!;
}

function pick<T, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, object[key]])) as Pick<T, K>;
}
