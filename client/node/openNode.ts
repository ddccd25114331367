/** A role's process: its key, its data folder, the chain, the store and the task, opened one after the other. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { checkDeployment, connectChain } from '../chain/connect.ts';
import { rpcUrlOf } from '../chain/deployment.ts';
import { openFederation } from '../chain/federation.ts';
import { openRewards } from '../chain/rewards.ts';
import { createSender } from '../chain/sender.ts';
import { createWake } from '../chain/wake.ts';
import type { Report, Role } from '../participant/events.ts';
import { insist } from '../participant/loop.ts';
import { fetchManifest } from '../participant/manifest.ts';
import { type Participant, peerEndpoints } from '../participant/participant.ts';
import { createRest, type Resting } from '../participant/rest.ts';
import { createLedger } from '../participant/rewards/ledger.ts';
import { createReputationsReader } from '../participant/rewards/reputations.ts';
import { acceptUploads } from '../participant/rounds/uploads.ts';
import { openKeptFiles } from '../storage/durable.ts';
import type { Damage, KeptFiles } from '../storage/keptFiles.ts';
import { keptKindOf, ownerMeans } from './fileKinds.ts';
import { openFolder } from './folder.ts';
import { importBlobs } from './importBlobs.ts';
import { loadKey } from './key.ts';
import { openInstance } from './openInstance.ts';
import { documentParts, openStore, serveDocuments } from './openStore.ts';
import type { NodeOptions } from './options.ts';
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
  const wallet = new RecordingWallet((await loadKey(given, deployment.chainId)).privateKey);
  /** What the provider fails to answer is asked again: nothing that it says ends a role. */
  const ask = <T>(step: string, question: () => Promise<T>) => insist({ report, signal }, step, question);
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const { address: account } = wallet;
    const onDamaged = (means: string) => (damage: Damage) => report({ event: 'damaged', ...damage, means });
    const folder = await ask('opening the data folder', async () =>
      openFolder(given.data, { account, onDamaged: onDamaged(ownerMeans) }),
    );
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
    const upload = role === 'aggregator' ? acceptUploads(federation, task, options.keepUpdates) : undefined;
    const documents: Participant['documents'] = new Map();
    const peers = () => peerEndpoints(federation, account);
    const inbox: Participant['inbox'] = {};
    const parts = documentParts(role, documents, inbox);
    const store = await ask('opening the store', () => openStore(options, peers, parts, report, upload));
    closers.push(() => store.close());
    const documentServer = await serveDocuments(options, parts);
    closers.push(() => documentServer?.close());
    const sender = createSender(wallet, provider);
    const wake = createWake(rpcUrl, options.pollMs);
    closers.push(() => wake.close());
    report({ event: 'started', role, account, endpoint: store.endpoint ?? null, folder: options.data });

    const manifestCid = await ask('reading the documents', () => federation.readManifestCid());
    const named = { manifests: [task.manifestCid, manifestCid], models: [task.genesisModelCid] };
    await ask('keeping the blobs of the deployment', () => importBlobs(deployment.blobs, { store, report }, named));
    const endpoint = [store.endpoint, documentServer?.endpoint].filter((url) => url !== undefined).join(' ');
    const self = { id: randomBytes(16).toString('hex'), endpoint };
    const announcing = { role, account, addresses: deployment, federation, sender, documents, signal };
    const instance = await ask('announcing the endpoint', () => openInstance(announcing, self, wallet, folder));
    const reader = { store, federation, report, wake, signal };
    const manifest = await ask('fetching the manifest', () => fetchManifest(reader, manifestCid));
    return {
      role,
      options,
      files: (purpose) => ask(`opening ${purpose}`, () => openKeptFilesOf(options.data, purpose, onDamaged)),
      account,
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
      rest: createRest(tellParent),
      instance,
      report,
      signal,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openKeptFilesOf(
  folder: string,
  purpose: string,
  onDamaged: (means: string) => (damage: Damage) => void,
): Promise<KeptFiles> {
  const { means, replaceable } = keptKindOf(purpose);
  return openKeptFiles(join(folder, purpose), { onDamaged: onDamaged(means), replaceable });
}

/** Who has started this process, and its chain, may move the chain's clock on while everybody rests: see client/localnet/clock.ts. */
function tellParent(resting: Resting): void {
  // one that has gone needs to know nothing
  if (process.connected) process.send?.(resting, undefined, {}, () => undefined);
}
