/** What a model's user does: fetch a round's model from the nodes and verify it against the chain. */
import type { FederationClient, TaskOnChain } from '../chain/federation.ts';
import { TributaryError } from '../core/errors.ts';
import { peerEndpoints } from '../participant/participant.ts';
import { createModels } from '../participant/rounds/models.ts';
import { openGatewayStore } from '../storage/gateway.ts';
import type { BlobStore } from '../storage/store.ts';

export interface ModelReader {
  /** The model after the round, 0 for the first. Errors: BLOB_UNAVAILABLE (retryable), BLOB_MISMATCH, COMMITMENT_MISMATCH. */
  read(round: number): Promise<Int32Array>;
  store(): Promise<BlobStore>;
  close(): Promise<void>;
}

/** A store that reads by bitswap from these peers, for federations whose nodes serve so. */
export type OpenBitswap = (peers: () => string[]) => Promise<BlobStore>;

export function createModelReader(
  federation: FederationClient,
  task: TaskOnChain,
  signal: AbortSignal,
  openBitswap?: OpenBitswap,
): ModelReader {
  let store: BlobStore | undefined;

  async function open(): Promise<BlobStore> {
    if (store !== undefined) return store;
    const peers = () => peerEndpoints(federation, '');
    const gateways = peers().filter((url) => url.startsWith('http'));
    if (gateways.length > 0) store = openGatewayStore({ gateways });
    else if (peers().length > 0 && openBitswap !== undefined) store = await openBitswap(peers);
    else {
      throw new TributaryError(
        'BLOB_UNAVAILABLE',
        'No node of the federation has announced where it serves: start an aggregator.',
        {
          retryable: true,
        },
      );
    }
    return store;
  }

  return {
    read: async (round) =>
      await createModels({ federation, store: await open(), task, account: '', signal }).get(round),
    store: open,
    close: async () => await store?.close(),
  };
}
