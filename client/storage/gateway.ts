/** Read-only: blobs from trustless gateways, for a model's users and for nodes that keep nothing. */
import { TributaryError } from '../core/errors.ts';
import { createDownloads } from './download.ts';
import { createGateways } from './gateways.ts';
import type { Reach } from './reach.ts';
import { defaultBlockTimeoutMs, readBlob } from './reader.ts';
import type { BlobStore } from './store.ts';

/** Which gateways are asked. */
export interface GatewayStoreOptions {
  /** Base URLs, asked in this order. */
  gateways: readonly string[];
  /** How long a gateway may take over one block before it is given up; the next is asked long before. */
  blockTimeoutMs?: number;
  /** Which addresses may be asked; anywhere unless told otherwise. */
  reach?: Reach | undefined;
}

/** A store that only reads: `put` and `pin` fail with STORE_READ_ONLY. Errors: CONFIG_INVALID. */
export function openGatewayStore(options: GatewayStoreOptions): BlobStore {
  const { gateways, reach, blockTimeoutMs = defaultBlockTimeoutMs } = options;
  const known = createGateways(reach);
  const downloads = createDownloads();
  if (known.sources(gateways).length === 0) {
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
      const sources = known.sources([...peers, ...gateways]);
      return (await readBlob(cid, sources, { ...limits, blockTimeoutMs, downloads })).bytes;
    },
    has: async () => false,
    pin: refuse,
    unpin: refuse,
    async close() {},
  };
}
