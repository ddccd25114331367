/**
 * A Kubo daemon by its RPC API. The tree is built here and sent as a CAR, so that CIDs agree whatever the daemon's
 * defaults; blocks come back one by one through the strict reader.
 */
import { create, type KuboRPCClient } from 'kubo-rpc-client';
import type { CID } from 'multiformats/cid';
import { TributaryError } from '../core/errors.ts';
import { carOf } from './carWriter.ts';
import { buildDag, decodeRoot } from './dag.ts';
import { createDownloads } from './download.ts';
import { createGateways } from './gateways.ts';
import { resolvesWithin } from './multiaddr.ts';
import type { Reach } from './reach.ts';
import { defaultBlockTimeoutMs, readBlob } from './reader.ts';
import { type BlockSource, throwIfStopped } from './source.ts';
import type { BlobStore, GetOptions } from './store.ts';

/** Which daemon keeps and serves, and whom it asks. */
export interface KuboStoreOptions {
  /** The RPC API, for example http://127.0.0.1:5001. */
  apiUrl: string;
  /** The daemon's gateway as others reach it, which is announced as the endpoint. */
  gatewayUrl?: string | undefined;
  /** Base URLs of gateways, or multiaddrs, to ask after those named in `get`. */
  peers?: () => readonly string[];
  /** How long the daemon may take over one call that stores or pins. */
  timeoutMs?: number;
  /** How long a source may take over one block before it is given up; the next is asked long before. */
  blockTimeoutMs?: number;
  /** Which addresses of peers may be asked; anywhere unless told otherwise. What the daemon itself finds is its owner's business. */
  reach?: Reach | undefined;
}

const connectTimeoutMs = 5_000;

/** Errors: STORE_UNREACHABLE (retryable). */
export async function connectKuboStore(options: KuboStoreOptions): Promise<BlobStore> {
  const { apiUrl, timeoutMs = 60_000, blockTimeoutMs = defaultBlockTimeoutMs } = options;
  const kubo = await connect(apiUrl);
  const reach = options.reach ?? 'anywhere';
  const gateways = createGateways(reach);
  const downloads = createDownloads();
  const ownDisk = daemonSource(kubo, 'the Kubo daemon', true);
  const network = daemonSource(kubo, "the Kubo daemon's network", false);

  async function call<T>(task: (signal: AbortSignal) => Promise<T>, stop?: AbortSignal): Promise<T> {
    const signals = [AbortSignal.timeout(timeoutMs), ...(stop ? [stop] : [])];
    try {
      throwIfStopped(stop);
      return await task(AbortSignal.any(signals));
    } catch (error) {
      throwIfStopped(stop);
      throw error instanceof TributaryError ? error : explainFailure(error, apiUrl);
    }
  }

  async function put(bytes: Uint8Array, stop?: AbortSignal): Promise<CID> {
    const dag = await buildDag(bytes);
    await call(async (signal) => {
      // the whole answer is read: the import is complete, and flushed to the daemon's disk, only at its end
      for await (const { root } of kubo.dag.import([carOf(dag.root, dag.blocks)], { pinRoots: true, signal })) {
        if (root.pinErrorMsg) throw new Error(root.pinErrorMsg);
      }
    }, stop);
    return dag.root;
  }

  async function get(cid: CID, { peers = [], ...limits }: GetOptions): Promise<Uint8Array> {
    const addresses = [...peers, ...(options.peers?.() ?? [])];
    // No use waiting: the connection serves the daemon's own fetching, which is the last to be asked.
    for (const address of addresses.filter((text) => text.startsWith('/'))) {
      void connectPeer(address, limits.signal).catch(() => {});
    }
    const sources = [ownDisk, ...gateways.sources(addresses), network];
    return (await readBlob(cid, sources, { ...limits, blockTimeoutMs, downloads })).bytes;
  }

  async function connectPeer(address: string, signal: AbortSignal): Promise<void> {
    if (await resolvesWithin(reach, address)) await kubo.swarm.connect(address as never, { signal });
  }

  return {
    backend: 'kubo',
    endpoint: options.gatewayUrl,
    put: (bytes, { signal } = {}) => put(bytes, signal),
    get,
    has: (cid) => call((signal) => isWhole(cid, ownDisk, signal)),
    async pin(cid, limits) {
      await put(await get(cid, limits), limits.signal);
    },
    async unpin(cid) {
      await call(async (signal) => {
        await kubo.pin.rm(cid, { signal }).catch((error: Error) => {
          if (!/not pinned/.test(error.message)) throw error;
        });
      });
    },
    async close() {},
  };
}

async function connect(apiUrl: string): Promise<KuboRPCClient> {
  try {
    const kubo = create({ url: apiUrl });
    await kubo.version({ signal: AbortSignal.timeout(connectTimeoutMs) });
    return kubo;
  } catch (error) {
    throw explainFailure(error, apiUrl);
  }
}

function explainFailure(cause: unknown, apiUrl: string): TributaryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/no space left/.test(reason)) {
    return new TributaryError('DISK_FULL', `The Kubo daemon at ${apiUrl} has no room left: free some space.`, {
      cause,
    });
  }
  const message = `The Kubo daemon at ${apiUrl} does not answer as it should (${reason}): start it with "ipfs daemon" or correct the URL.`;
  return new TributaryError('STORE_UNREACHABLE', message, { cause, retryable: true });
}

function daemonSource(kubo: KuboRPCClient, name: string, offline: boolean): BlockSource {
  return {
    name,
    async getBlock(cid, { signal }) {
      try {
        return await kubo.block.get(cid, { signal, ...(offline && { offline: true }) });
      } catch (error) {
        if (error instanceof Error && /not found|could not find/i.test(error.message)) return undefined;
        throw error;
      }
    },
  };
}

async function isWhole(cid: CID, source: BlockSource, signal: AbortSignal): Promise<boolean> {
  const options = { maxBytes: Number.POSITIVE_INFINITY, signal };
  const block = await source.getBlock(cid, options);
  if (block === undefined) return false;
  for (const leaf of decodeRoot(block)?.leaves ?? []) {
    if ((await source.getBlock(leaf, options)) === undefined) return false;
  }
  return true;
}
