/** Who takes part: what every role is handed, whatever it runs on. */
import type { TransactionReceipt } from 'ethers';
import type { Addresses } from '../chain/connect.ts';
import { type FederationClient, type TaskOnChain, transact } from '../chain/federation.ts';
import type { ParametersOnChain, RewardParametersOnChain } from '../chain/parameters.ts';
import type { RewardsClient } from '../chain/rewards.ts';
import { endpointsOf } from '../chain/rounds.ts';
import type { Sender } from '../chain/sender.ts';
import type { Wake } from '../chain/wake.ts';
import type { MethodName } from '../contracts/contracts.ts';
import type { Hash } from '../core/hash.ts';
import type { TaskManifest } from '../core/task.ts';
import type { KeptFiles } from '../storage/keptFiles.ts';
import type { Reach } from '../storage/reach.ts';
import type { BlobStore } from '../storage/store.ts';
import type { Report, Role } from './events.ts';
import type { Instance } from './instance.ts';
import type { Rest } from './rest.ts';
import type { Ledger } from './rewards/ledger.ts';
import type { ReputationsReader } from './rewards/reputations.ts';
import type { Retention } from './rounds/retention.ts';

/** How a role takes part. */
export interface ParticipantOptions {
  /** Stop after so many; for ever where none are named. */
  rounds?: number | undefined;
  /** Who gets what a new account earns; the account itself where nobody is named. */
  payee?: string | undefined;
  /** Stake that was lost is replaced, from the account. */
  topUp: boolean;
  /** Of which final rounds the updates stay in the store; of an archive, all that it keeps of them. */
  keepUpdates: Retention;
  /** How often to look at the chain where it does not announce blocks. */
  pollMs: number;
}

/** Who only reads: it has neither a key nor stake, and what it fetches it need not serve. */
export type Observer = Pick<
  Participant,
  'account' | 'addresses' | 'federation' | 'rewards' | 'ledger' | 'reputations' | 'store' | 'task' | 'report' | 'signal'
>;

/** What a role is handed, whatever it runs on: account, contracts, store, task, and where its events go. */
export interface Participant {
  readonly role: Role;
  readonly options: ParticipantOptions;
  /** What is to outlive the process, in a folder for each purpose. */
  files(purpose: string): Promise<KeptFiles>;
  readonly account: string;
  readonly addresses: Addresses;
  /** The block from which events are read. */
  readonly deployBlock: number;
  readonly federation: FederationClient;
  readonly rewards: RewardsClient;
  readonly ledger: Ledger;
  readonly reputations: ReputationsReader;
  readonly sender: Sender;
  readonly store: BlobStore;
  /** Which addresses of others are asked, as the store does; any where nothing is said. */
  readonly reach?: Reach | undefined;
  /** What is served besides blobs: JSON, by path. */
  readonly documents: Map<string, () => unknown>;
  /** Takes such documents from peers; answers false to refuse one. */
  readonly inbox: { take?: (path: string, document: unknown) => boolean | Promise<boolean> };
  readonly task: TaskOnChain;
  /** See `FederationClient` and `RewardsClient`: votes change them between rounds. */
  parameters(): ParametersOnChain;
  rewardParametersOf(round?: number): RewardParametersOnChain;
  /** In force when the process started, with the digest of its CID; see `openPlans`. */
  readonly manifest: TaskManifest;
  readonly manifestCid: Hash;
  readonly wake: Wake;
  readonly rest: Rest;
  /** Undefined for what is no process, such as a page. */
  readonly instance?: Instance;
  readonly report: Report;
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

/** A transaction on the federation itself; `step` is what errors say failed. */
export function callFederation(
  node: Pick<Participant, 'sender' | 'addresses' | 'signal'>,
  step: string,
  method: MethodName<'Federation'>,
  args: readonly unknown[],
): Promise<TransactionReceipt> {
  return transact(node.sender, step, node.addresses.federation, 'Federation', method, args, node.signal);
}

/** A transaction on the rewards of the federation; `valueWei` goes with it. */
export function callRewards(
  node: Pick<Participant, 'sender' | 'addresses' | 'signal'>,
  step: string,
  method: MethodName<'Rewards'>,
  args: readonly unknown[],
  valueWei = 0n,
): Promise<TransactionReceipt> {
  return transact(node.sender, step, node.addresses.rewards, 'Rewards', method, args, node.signal, valueWei);
}

/** Accounts that are no members and are asked for blobs all the same, those that announced themselves first. */
const mostStrangers = 16;

/**
 * Where blobs may be found: first the accounts named, then the aggregators, then the trainers, then some others: announcing an address is
 * cheap, so who floods the chain with them must not be asked each time.
 */
export function peerEndpoints(
  federation: Pick<FederationClient, 'state'>,
  self: string,
  first: readonly string[] = [],
): string[] {
  const { endpoints, aggregators, trainers } = federation.state;
  const strangers = [...endpoints.keys()].filter((account) => !aggregators.has(account) && !trainers.has(account));
  const accounts = new Set([...first, ...aggregators, ...trainers.keys(), ...strangers.slice(0, mostStrangers)]);
  accounts.delete(self);
  return [...new Set([...accounts].flatMap((account) => endpointsOf(federation.state, account)))];
}
