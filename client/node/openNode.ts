/** A role's process: its key, its data folder, the chain, the store and the task, opened one after the other. */
import { randomBytes } from 'node:crypto';
import { createComparisonWatch } from '../chain/compare.ts';
import { checkDeployment, connectChain } from '../chain/connect.ts';
import { rpcUrlOf } from '../chain/deployment.ts';
import { openFederation } from '../chain/federation.ts';
import { openRewards } from '../chain/rewards.ts';
import { createWake } from '../chain/wake.ts';
import type { Report, Role } from '../participant/events.ts';
import { insist } from '../participant/loop.ts';
import { fetchManifest } from '../participant/manifest.ts';
import { type Participant, peerEndpoints } from '../participant/participant.ts';
import { createRest, type Resting } from '../participant/rest.ts';
import { createLedger } from '../participant/rewards/ledger.ts';
import { createReputationsReader } from '../participant/rewards/reputations.ts';
import { acceptUploads } from '../participant/rounds/uploads.ts';
import { importBlobs } from './importBlobs.ts';
import { loadKey, namesKey } from './key.ts';
import { openDataFolder } from './openDataFolder.ts';
import { openInstance } from './openInstance.ts';
import { openSender } from './openSender.ts';
import { openSpending } from './openSpending.ts';
import { documentParts, openStore, serveDocuments } from './openStore.ts';
import type { NodeOptions } from './options.ts';
import { decideReach } from './peerReach.ts';
import { readDeployment } from './readDeployment.ts';
import { RecordingWallet } from './recordingWallet.ts';

/** Errors: those of the configuration, the key, the folder, the chain and the store, each with what to do. */
export async function openNode(
  role: Role,
  given: NodeOptions,
  report: Report,
  signal: AbortSignal,
): Promise<Participant> {
  const deployment = readDeployment(given.deployment);
  const rpcUrl = rpcUrlOf(deployment, given.rpc);
  // who only reads needs none
  const key = role === 'archive' && !namesKey(given) ? undefined : await loadKey(given, deployment.chainId);
  const wallet = key && new RecordingWallet(key.privateKey);
  /** What the provider fails to answer is asked again: nothing that it says ends a role. */
  const ask = <T>(step: string, question: () => Promise<T>) => insist({ report, signal }, step, question);
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const folder = await openDataFolder(given.data, wallet && (given.account ?? wallet.address), { report, signal });
    closers.push(folder.release);
    const provider = await ask('connecting to the chain', () => connectChain(rpcUrl));
    closers.push(() => provider.destroy());
    provider.onComparison = createComparisonWatch(({ url, block, difference }) =>
      report({ event: 'providersDisagree', node: url, block, difference }),
    );
    await ask('looking for the contracts', () => checkDeployment(provider, deployment));
    const spending = openSpending(given, await folder.files('payments'), report);
    const open = () => openSender(wallet, given.account, provider, deployment, spending);
    const { sender, payee } = await ask('reading the account', open);
    const account = sender.address;
    const options = { ...given, data: folder.path, payee: given.payee ?? payee };
    const federation = openFederation(provider, deployment, deployment.deployBlock);
    const rewards = openRewards(provider, deployment, deployment.deployBlock);
    await ask('reading the chain', () => Promise.all([federation.sync(), rewards.sync()]));
    const ledger = createLedger({ rewards });
    const task = await ask('reading the task', () => federation.readTask());
    const upload = role === 'aggregator' ? acceptUploads(federation, task, options.keepUpdates) : undefined;
    const documents: Participant['documents'] = new Map();
    const peers = () => peerEndpoints(federation, account);
    const inbox: Participant['inbox'] = {};
    const parts = documentParts(role, documents, inbox);
    const reach = await decideReach(options, rpcUrl[0]!);
    const store = await ask('opening the store', () => openStore(options, peers, parts, report, upload, reach));
    closers.push(() => store.close());
    const documentServer = await serveDocuments(options, parts, store, upload);
    closers.push(() => documentServer?.close());
    const wake = createWake(rpcUrl[0]!, options.pollMs);
    closers.push(() => wake.close());
    report({ event: 'started', role, account, endpoint: store.endpoint ?? null, folder: options.data });

    const manifestCid = await ask('reading the documents', () => federation.readManifestCid());
    const named = { manifests: [task.manifestCid, manifestCid], models: [task.genesisModelCid] };
    await ask('keeping the blobs of the deployment', () => importBlobs(deployment.blobs, { store, report }, named));
    const endpoints = [...new Set([store.endpoint, documentServer?.endpoint])].filter((url) => url !== undefined);
    const self = { id: randomBytes(16).toString('hex'), endpoint: endpoints.join(' ') };
    const announcing = { role, account, addresses: deployment, federation, sender, documents, signal };
    // who has no key announces nothing
    const instance =
      wallet && (await ask('announcing the endpoint', () => openInstance(announcing, self, wallet, folder)));
    const reader = { store, federation, report, wake, signal };
    const manifest = await ask('fetching the manifest', () => fetchManifest(reader, manifestCid));
    return {
      role,
      options,
      files: folder.files,
      account,
      addresses: deployment,
      deployBlock: deployment.deployBlock,
      federation,
      rewards,
      ledger,
      reputations: createReputationsReader({ rewards, ledger }),
      sender,
      store,
      reach,
      documents,
      inbox,
      task,
      parameters: federation.parameters,
      rewardParametersOf: rewards.parametersOf,
      manifest,
      manifestCid,
      wake,
      rest: createRest(tellParent),
      ...(instance && { instance }),
      report,
      signal,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Who has started this process, and its chain, may move the chain's clock on while everybody rests: see client/localnet/clock.ts. */
function tellParent(resting: Resting): void {
  // one that has gone needs to know nothing
  if (process.connected) process.send?.(resting, undefined, {}, () => undefined);
}
