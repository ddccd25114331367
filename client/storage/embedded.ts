/** The default backend: blocks in a folder of the process, exchanged between nodes by the trustless gateway protocol. */
import type { CID } from 'multiformats/cid';
import { createBlockCache } from './cache.ts';
import { buildDag, type Dag } from './dag.ts';
import { createDownloads } from './download.ts';
import { createGateways } from './gateways.ts';
import type { Damage } from './keptFiles.ts';
import { openPinnedBlobs, ownPins } from './pinned.ts';
import type { Reach } from './reach.ts';
import { defaultBlockTimeoutMs, readBlob } from './reader.ts';
import { type DocumentParts, type ListenOptions, serveBlocks } from './server.ts';
import { type BlockSource, throwIfStopped } from './source.ts';
import type { BlobStore, GetOptions } from './store.ts';
import { createReceiver, type UploadOptions } from './upload.ts';

/** Where the embedded store keeps its blocks, and whom it serves and asks. */
export interface EmbeddedStoreOptions extends DocumentParts {
  /** Made where it is missing. That no other process uses it is the caller's business. */
  folder: string;
  /** Where to serve; undefined serves nobody. */
  listen?: ListenOptions | undefined;
  /** Base URLs of gateways to ask after those named in `get`; called at each `get`. */
  peers?: () => readonly string[];
  /** Limit of all pinned blocks together, in bytes. */
  maxStoreBytes?: number;
  /** What must not be read yet must not be served yet: false answers as if the block were not here. */
  mayServe?: (cid: CID) => boolean;
  /** Takes blobs from others; undefined takes none. */
  upload?: UploadOptions | undefined;
  /** Hears why blocks that seem unneeded were not removed when the folder was opened. */
  onNotSwept?: ((reason: string) => void) | undefined;
  /** Hears of pins that are not whole. */
  onDamaged?: ((damage: Damage) => void) | undefined;
  /** How long a peer may take over one block before it is given up; the next is asked long before. */
  blockTimeoutMs?: number;
  /** Which addresses of peers may be asked; anywhere unless told otherwise. */
  reach?: Reach | undefined;
}

/** A model is fetched by everybody at once: its blocks are read and hashed once, not once for each of them. */
const servedCacheBytes = 2 ** 25;

/** Errors: FOLDER_NOT_WRITABLE, PORT_IN_USE, CONFIG_INVALID. */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<BlobStore> {
  const { folder, listen, upload, mayServe = () => true, blockTimeoutMs = defaultBlockTimeoutMs } = options;
  const pinned = await openPinnedBlobs(folder, {
    maxBytes: options.maxStoreBytes ?? Number.POSITIVE_INFINITY,
    onNotSwept: options.onNotSwept,
    onDamaged: options.onDamaged,
  });
  const ownDisk: BlockSource = { name: 'the own store', getBlock: (cid) => pinned.blocks.read(cid) };
  const keeping = {
    has: async (cid: CID) => pinned.isPinned(cid) && (await pinned.isWhole(cid)),
    bytesOf: async (signer: string) => pinned.bytesOf(signer),
    keep: (_: Uint8Array, dag: Dag, signer: string) => pinned.keep(dag, signer),
  };
  const served = createBlockCache(servedCacheBytes);
  const gateways = createGateways(options.reach);
  const downloads = createDownloads();
  const server =
    listen &&
    (await serveBlocks(
      {
        readBlock: async (cid) => (mayServe(cid) ? served.read(cid, () => pinned.blocks.readVerified(cid)) : undefined),
        readDocument: options.readDocument,
        takeDocument: options.takeDocument,
        receive: upload && createReceiver(keeping, upload),
      },
      listen,
    ));

  async function put(bytes: Uint8Array, signal?: AbortSignal): Promise<CID> {
    throwIfStopped(signal);
    const dag = await buildDag(bytes);
    throwIfStopped(signal);
    await pinned.keep(dag, ownPins);
    return dag.root;
  }

  async function get(cid: CID, { peers = [], ...limits }: GetOptions): Promise<Uint8Array> {
    const others = gateways.sources([...peers, ...(options.peers?.() ?? [])].filter((url) => url !== server?.endpoint));
    const { bytes, servedBy } = await readBlob(cid, [ownDisk, ...others], { ...limits, blockTimeoutMs, downloads });
    const damaged = pinned.isPinned(cid) && others.some((source) => servedBy.has(source));
    // the bytes are good whether or not the disk can be mended now
    if (damaged) await pinned.mend(await buildDag(bytes)).catch(() => {});
    return bytes;
  }

  return {
    backend: 'embedded',
    endpoint: server?.endpoint,
    put: (bytes, { signal } = {}) => put(bytes, signal),
    get,
    has: (cid) => pinned.isWhole(cid),
    async pin(cid, limits) {
      await put(await get(cid, limits), limits.signal);
    },
    async unpin(cid) {
      await pinned.drop(cid);
      served.clear();
    },
    async close() {
      await server?.close();
    },
  };
}
