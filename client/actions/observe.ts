/** What a model's user, or anybody who doubts, needs to look at rounds: no key, no folder, no disk. */
import { TributaryError } from '../core/errors.ts';
import { type Observer, peerEndpoints } from '../participant/participant.ts';
import { createLedger } from '../participant/rewards/ledger.ts';
import { createReputationsReader } from '../participant/rewards/reputations.ts';
import { openGatewayStore } from '../storage/gateway.ts';
import type { Reach } from '../storage/reach.ts';
import type { BlobStore } from '../storage/store.ts';
import type { Followed } from './connect.ts';

/** A store that reads by bitswap from these peers, for federations whose nodes serve so. */
export type OpenBitswap = (peers: () => string[], reach?: Reach) => Promise<BlobStore>;

/** Close its store in the end. `reach`: which addresses of nodes are asked; any where nothing is said. Errors: BLOB_UNAVAILABLE (retryable) where no node has announced where it serves; CHAIN_UNREACHABLE. */
export async function observe(
  followed: Followed,
  signal: AbortSignal,
  openBitswap?: OpenBitswap,
  reach?: Reach,
): Promise<Observer> {
  const peers = () => peerEndpoints(followed.federation, '');
  return await observeBy(followed, await openPeers(peers, openBitswap, reach), signal);
}

/** Reads blobs from this store and no other. Errors: CHAIN_UNREACHABLE. */
export async function observeBy(
  { federation, rewards }: Followed,
  store: BlobStore,
  signal: AbortSignal,
): Promise<Observer> {
  const ledger = createLedger({ rewards });
  return {
    account: '',
    addresses: federation.addresses,
    federation,
    rewards,
    ledger,
    reputations: createReputationsReader({ rewards, ledger }),
    store,
    task: await federation.readTask(),
    report: () => undefined,
    signal,
  };
}

async function openPeers(
  peers: () => string[],
  openBitswap: OpenBitswap | undefined,
  reach: Reach | undefined,
): Promise<BlobStore> {
  const gateways = peers().filter((url) => url.startsWith('http'));
  if (gateways.length > 0) return openGatewayStore({ gateways, reach });
  if (peers().length > 0 && openBitswap !== undefined) return await openBitswap(peers, reach);
  const message = 'No node of the federation has announced where it serves: start an aggregator.';
  throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
}
