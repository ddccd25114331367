/** What every role has: a key, a data folder, a chain, a store, the task. */
import { readFile } from 'node:fs/promises';
import type { TransactionReceipt } from 'ethers';
import { type Addresses, checkDeployment, connectChain } from '../chain/connect.ts';
import { type FederationClient, openFederation, type TaskOnChain, transact } from '../chain/federation.ts';
import type { ParametersOnChain, RewardParametersOnChain } from '../chain/parameters.ts';
import { openRewards, type RewardsClient } from '../chain/rewards.ts';
import { endpointsOf } from '../chain/rounds.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import { createWake, type Wake } from '../chain/wake.ts';
import type { Hash } from '../core/hash.ts';
import type { TaskManifest } from '../core/task.ts';
import type { BlobStore } from '../storage/store.ts';
import { type LoadedDeployment, readDeployment, rpcUrlOf } from './deployment.ts';
import { openFolder } from './folder.ts';
import { loadKey } from './key.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { insist } from './loop.ts';
import { fetchManifest } from './manifest.ts';
import { openStore, serveDocuments } from './openStore.ts';
import type { NodeOptions } from './options.ts';
import type { Report, Role } from './report.ts';
import { createReputationsReader, type ReputationsReader } from './reputations.ts';
import { createRest, type Rest } from './rest.ts';
import { acceptUploads } from './uploads.ts';

export interface Node {
  readonly role: Role;
  readonly options: NodeOptions;
  readonly folder: string;
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
  /** What is served besides blobs: JSON, by path. */
  readonly documents: Map<string, () => unknown>;
  /** Takes such documents from peers; answers false to refuse one. */
  readonly inbox: { take?: (path: string, document: unknown) => boolean };
  readonly task: TaskOnChain;
  /** See `FederationClient` and `RewardsClient`: votes change them between rounds. */
  parameters(): ParametersOnChain;
  rewardParametersOf(round?: number): RewardParametersOnChain;
  /** In force when the process started, with the digest of its CID; see `openPlans`. */
  readonly manifest: TaskManifest;
  readonly manifestCid: Hash;
  readonly wake: Wake;
  readonly rest: Rest;
  readonly report: Report;
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

/** A transaction on the federation itself; `step` is what errors say failed. */
export function callFederation(
  node: Pick<Node, 'sender' | 'addresses' | 'signal'>,
  step: string,
  method: string,
  args: readonly unknown[],
): Promise<TransactionReceipt> {
  return transact(node.sender, step, node.addresses.federation, 'Federation', method, args, node.signal);
}

/** A transaction on the rewards of the federation; `valueWei` goes with it. */
export function callRewards(
  node: Pick<Node, 'sender' | 'addresses' | 'signal'>,
  step: string,
  method: string,
  args: readonly unknown[],
  valueWei = 0n,
): Promise<TransactionReceipt> {
  return transact(node.sender, step, node.addresses.rewards, 'Rewards', method, args, node.signal, valueWei);
}

/** Errors: those of the configuration, the key, the folder, the chain and the store, each with what to do. */
export async function openNode(role: Role, given: NodeOptions, report: Report, signal: AbortSignal): Promise<Node> {
  const deployment = readDeployment(given.deployment);
  const rpcUrl = rpcUrlOf(deployment, given.rpc);
  const wallet = await loadKey(given, deployment.chainId);
  /** What the provider fails to answer is asked again: nothing that it says ends a role. */
  const ask = <T>(step: string, question: () => Promise<T>) => insist({ report, signal }, step, question);
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const folder = openFolder(given.data);
    closers.push(folder.release);
    const options = { ...given, data: folder.path };
    const provider = await ask('connecting to the chain', () => connectChain(rpcUrl));
    closers.push(() => provider.destroy());
    await ask('looking for the contracts', () => checkDeployment(provider, deployment));
    const federation = openFederation(provider, deployment, deployment.deployBlock);
    const rewards = openRewards(provider, deployment, deployment.deployBlock);
    await ask('reading the chain', () => Promise.all([federation.sync(), rewards.sync()]));
    const ledger = createLedger({ rewards });
    const task = await ask('reading the task', () => federation.readTask());
    const upload = role === 'aggregator' ? acceptUploads(federation, task) : undefined;
    const documents: Node['documents'] = new Map();
    const peers = () => peerEndpoints(federation, wallet.address);
    const inbox: Node['inbox'] = {};
    const parts = {
      readDocument: (path: string) => documents.get(path)?.(),
      takeDocument: (path: string, document: unknown) => inbox.take?.(path, document) ?? false,
    };
    const store = await openStore(options, peers, parts, report, upload);
    closers.push(() => store.close());
    const documentServer = await serveDocuments(options, parts);
    closers.push(() => documentServer?.close());
    const sender = createSender(wallet, provider);
    const wake = createWake(rpcUrl, options.pollMs);
    closers.push(() => wake.close());
    report({ event: 'started', role, account: wallet.address, endpoint: store.endpoint ?? null, folder: options.data });

    await importBlobs(store, deployment);
    const endpoints = [store.endpoint, documentServer?.endpoint].filter((url) => url !== undefined);
    await ask('announcing the endpoint', () => announce(federation, sender, endpoints.join(' ')));
    const manifestCid = await ask('reading the documents', () => federation.readManifestCid());
    const reader = { store, federation, report, wake, signal };
    const manifest = await ask('fetching the manifest', () => fetchManifest(reader, manifestCid));
    return {
      role,
      options,
      folder: options.data,
      account: wallet.address,
      addresses: deployment,
      deployBlock: deployment.deployBlock,
      federation,
      rewards,
      ledger,
      reputations: createReputationsReader({ rewards, ledger }),
      sender,
      store,
      documents,
      inbox,
      task,
      parameters: federation.parameters,
      rewardParametersOf: rewards.parametersOf,
      manifest,
      manifestCid,
      wake,
      rest: createRest(),
      report,
      signal,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
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

/** Blobs that lie beside the deployment file are served from here on. */
async function importBlobs(store: BlobStore, deployment: LoadedDeployment): Promise<void> {
  for (const path of deployment.blobs) {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes !== undefined) await store.put(bytes);
  }
}

async function announce(federation: FederationClient, sender: Sender, endpoint: string): Promise<void> {
  if (endpoint === '' || federation.state.endpoints.get(sender.address) === endpoint) return;
  const { addresses } = federation;
  await transact(sender, 'announcing the endpoint', addresses.federation, 'Federation', 'announceEndpoint', [endpoint]);
}
