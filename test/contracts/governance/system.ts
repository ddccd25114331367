/** The whole system on the in-process chain, deployed as the client does it, and short ways to vote. Amounts in wei, times in seconds. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import type { ContractTransactionReceipt, Result } from 'ethers';
import { id as hashOf } from 'ethers';
import type { Sender } from '../../../client/chain/sender.ts';
import { defaultGovernance, type GovernanceChoices } from '../../../client/deployment/governanceChoices.ts';
import {
  type DeployStep,
  findTask,
  planShared,
  planTask,
  type SharedContracts,
  type TaskContracts,
  type TaskTerms,
} from '../../../client/deployment/system.ts';
import type {
  Federation,
  FederationFactory,
  GovernedCalls,
  Policy,
  Rewards,
  Stake,
  Treasury,
  TributaryGovernor,
  TributaryToken,
  VotingPower,
} from '../../../types/ethers-contracts/index.js';
import { type Connection, connect } from '../connection.ts';
import { aggregatorBondWei, parameters, rewardParameters, task, trainerStakeWei } from '../deployment.ts';

export const oneToken = 10n ** 18n;
/** More than the quorum, four percent of a thousand million. */
export const votesWei = 50_000_000n * oneToken;

export const settings: GovernanceChoices = {
  ...defaultGovernance,
  votingDelaySeconds: 10,
  votingPeriodSeconds: 100,
  lateQuorumSeconds: 20,
  timelockSeconds: 50,
  minimumSeconds: 5,
  proposalThreshold: 1_000,
};

export interface Call {
  target: string;
  data: string;
  value?: bigint;
}

export interface System extends Connection {
  token: TributaryToken;
  stake: Stake;
  treasury: Treasury;
  governor: TributaryGovernor;
  votingPower: VotingPower;
  factory: FederationFactory;
  governedCalls: GovernedCalls;
  policy: Policy;
  rewards: Rewards;
  federation: Federation;
  shared: SharedContracts;
  /** Holds the rest of the tokens, undelegated. */
  founder: HardhatEthersSigner;
  /** Three with `votesWei` each, delegated to themselves. */
  voters: HardhatEthersSigner[];
  guardian: HardhatEthersSigner;
  stranger: HardhatEthersSigner;
  /** Without tokens or a role. */
  others: HardhatEthersSigner[];
}

export const taskTerms = (guardian: string): TaskTerms => ({
  guardian,
  parameters,
  rewardParameters,
  task: { ...task, startTrainers: 3 },
  licenceCid: hashOf('licence'),
  termsCid: hashOf('terms'),
});

export async function deploySystem(): Promise<System> {
  const connection = await connect();
  const { ethers } = connection;
  const [founder, guardian, stranger, first, second, third, ...others] = await ethers.getSigners();
  const voters = [first!, second!, third!];
  const nonce = await ethers.provider.getTransactionCount(founder!.address);
  const { steps, contracts: shared } = planShared(founder!.address, nonce, settings);
  await take(senderOf(founder!), steps);
  const contracts = await deployTask(founder!, shared, taskTerms(guardian!.address));
  const at = <T>(name: string, address: string) => ethers.getContractAt(name, address) as unknown as Promise<T>;
  const token = await at<TributaryToken>('TributaryToken', shared.token);
  for (const voter of voters) {
    await token.transfer(voter.address, votesWei);
    await token.connect(voter).delegate(voter.address);
  }
  // votes count from the second after
  await connection.time.increase(2);
  return {
    ...connection,
    token,
    stake: await at('Stake', shared.stake),
    treasury: await at('Treasury', shared.governance.treasury),
    governor: await at('TributaryGovernor', shared.governance.governor),
    votingPower: await at('VotingPower', shared.governance.votingPower),
    factory: await at('FederationFactory', shared.governance.factory),
    governedCalls: await at('GovernedCalls', shared.governance.governedCalls),
    policy: await at('Policy', contracts.policy),
    rewards: await at('Rewards', contracts.rewards),
    federation: await at('Federation', contracts.federation),
    shared,
    founder: founder!,
    voters,
    guardian: guardian!,
    stranger: stranger!,
    others,
  };
}

/** Answers where the contracts are. */
export async function deployTask(
  author: HardhatEthersSigner,
  shared: SharedContracts,
  terms: TaskTerms,
): Promise<TaskContracts> {
  await take(senderOf(author), planTask(shared, terms));
  return await findTask(author, shared, author.address, terms.salt);
}

async function take(sender: Sender, steps: readonly DeployStep[]): Promise<void> {
  for (const { what, request } of steps) await sender.send(what, request);
}

/** Signs by the chain of the test itself. */
export function senderOf(signer: HardhatEthersSigner): Sender {
  return {
    address: signer.address,
    sign: (message) => signer.signMessage(message),
    signTypedData: ({ domain, types, value }) => signer.signTypedData(domain, types as never, value),
    send: async (_, request) => (await (await signer.sendTransaction(request)).wait())!,
  };
}

interface Governed {
  getAddress(): Promise<string>;
  interface: { encodeFunctionData(name: never, args: never): string };
}

export async function callOf(contract: Governed, method: string, args: readonly unknown[]): Promise<Call> {
  return {
    target: await contract.getAddress(),
    data: contract.interface.encodeFunctionData(method as never, args as never),
  };
}

/** The arguments of `queue` and `execute`, and the proposal's number. */
export interface Proposed {
  id: bigint;
  operation: [string[], bigint[], string[], string];
}

export function operationOf(calls: readonly Call[], description: string): Proposed['operation'] {
  return [
    calls.map(({ target }) => target),
    calls.map(({ value }) => value ?? 0n),
    calls.map(({ data }) => data),
    hashOf(description),
  ];
}

export async function propose(
  { governor, voters }: System,
  calls: readonly Call[],
  description = `a change, ${Math.random()}`,
  proposer = voters[0]!,
): Promise<Proposed> {
  const operation = operationOf(calls, description);
  const [targets, values, data, hash] = operation;
  await governor.connect(proposer).propose(targets, values, data, description);
  return { id: await governor.hashProposal(targets, values, data, hash), operation };
}

export const support = { against: 0, for: 1, abstain: 2 };

/** A struct that a contract answered, as it takes one. */
export function fieldsOf(struct: unknown): Record<string, bigint | string> {
  return (struct as Result).toObject();
}

/** Waits until votes are counted. */
export async function untilVote({ governor, time }: System, { id }: Proposed): Promise<void> {
  await time.increaseTo((await governor.proposalSnapshot(id)) + 1n);
}

export async function untilDecided({ governor, time }: System, { id }: Proposed): Promise<void> {
  await time.increaseTo((await governor.proposalDeadline(id)) + 1n);
}

/** Everything but the execution. */
export async function decide(system: System, calls: readonly Call[]): Promise<Proposed> {
  const { governor, voters, time } = system;
  const proposed = await propose(system, calls);
  await untilVote(system, proposed);
  for (const voter of voters) await governor.connect(voter).castVote(proposed.id, support.for);
  await untilDecided(system, proposed);
  await governor.queue(...proposed.operation);
  await time.increaseTo(await governor.proposalEta(proposed.id));
  return proposed;
}

export async function pass(system: System, ...calls: Call[]): Promise<ContractTransactionReceipt> {
  const { operation } = await decide(system, calls);
  return (await (await system.governor.execute(...operation)).wait())!;
}

/** `name` as the policy takes it. */
export function nameBytes({ ethers }: Connection, name: string): string {
  return ethers.encodeBytes32String(name);
}

export async function setParameter(system: System, name: string, value: bigint | number): Promise<Call> {
  return await callOf(system.policy, 'setFederationParameter', [nameBytes(system, name), value]);
}

/** Gives the accounts stake and lets them take part. */
export async function join(system: System, role: 'trainer' | 'aggregator', ...accounts: HardhatEthersSigner[]) {
  const { token, stake, federation } = system;
  const amountWei = role === 'trainer' ? trainerStakeWei : aggregatorBondWei;
  for (const account of accounts) {
    await token.transfer(account.address, amountWei);
    await token.connect(account).approve(stake, amountWei);
    await stake.connect(account).deposit(federation, amountWei);
    if (role === 'trainer') await federation.connect(account).joinAsTrainer();
    else await federation.connect(account).joinAsAggregator();
  }
}

/** Two aggregators and three trainers, from `others`; round 1 is open. */
export async function running(): Promise<
  System & { trainers: HardhatEthersSigner[]; aggregators: HardhatEthersSigner[] }
> {
  const system = await deploySystem();
  const aggregators = system.others.slice(0, 2);
  const trainers = system.others.slice(2, 5);
  await join(system, 'aggregator', ...aggregators);
  await join(system, 'trainer', ...trainers);
  return { ...system, trainers, aggregators };
}
