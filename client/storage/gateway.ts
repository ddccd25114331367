/** Read-only: blobs from trustless gateways, for a model's users and for nodes that keep nothing. */
import { TributaryError } from '../core/errors.ts';
import { gatewaySources } from './peer.ts';
import { defaultBlockTimeoutMs, readBlob } from './reader.ts';
import type { BlobStore } from './store.ts';

/** Which gateways are asked. */
export interface GatewayStoreOptions {
  /** Base URLs, asked in this order. */
  gateways: readonly string[];
  /** How long a gateway may take over one block before the next is asked. */
  blockTimeoutMs?: number;
}

/** A store that only reads: `put` and `pin` fail with STORE_READ_ONLY. Errors: CONFIG_INVALID. */
export function openGatewayStore({ gateways, blockTimeoutMs = defaultBlockTimeoutMs }: GatewayStoreOptions): BlobStore {
  const sources = gatewaySources(gateways);
  if (sources.length === 0) {
    throw new TributaryError(
      'CONFIG_INVALID',
      'A gateway store needs one base URL at least, for example http://127.0.0.1:8080.',
    );
  }
  const refuse = async () => {
    throw new TributaryError(
      'STORE_READ_ONLY',
      'A gateway only reads: use the embedded or the Kubo store to put and pin.',
    );
  };
  return {
    backend: 'gateway',
    endpoint: undefined,
    put: refuse,
    async get(cid, { peers = [], ...limits }) {
      const { bytes } = await readBlob(cid, [...gatewaySources(peers), ...sources], { ...limits, blockTimeoutMs });
      return bytes;
    },
    has: async () => false,
    pin: refuse,
    unpin: refuse,
    async close() {},
  };
}
