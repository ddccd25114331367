/**
 * Optional: Helia with bitswap over libp2p (TCP, noise, yamux, identify; nothing else listens, announces or discovers).
 * Blobs are kept as by the embedded store; only the exchange with peers differs. Its packages are loaded when it is
 * chosen, so nobody else needs them. The peer identity is new at each start.
 */
import type { CID } from 'multiformats/cid';
import { TributaryError } from '../core/errors.ts';
import { importOptional } from '../core/optional.ts';
import { DurableBlockstore } from './blocks.ts';
import { createBlockCache } from './cache.ts';
import { buildDag } from './dag.ts';
import { createDownloads } from './download.ts';
import { createGateways } from './gateways.ts';
import type { Damage } from './keptFiles.ts';
import { lookupWithin } from './lookup.ts';
import { isAddressWithin } from './multiaddr.ts';
import { openPinnedBlobs, ownPins } from './pinned.ts';
import type { Reach } from './reach.ts';
import { defaultBlockTimeoutMs, readBlob } from './reader.ts';
import { type BlockSource, throwIfStopped } from './source.ts';
import type { BlobStore, GetOptions } from './store.ts';

/** Where the Helia node keeps its blocks, listens, and whom it asks. `maxStoreBytes`, `blockTimeoutMs` and `reach` as of the embedded store. */
export interface HeliaStoreOptions {
  folder: string;
  /** Multiaddrs to listen on; loopback, any free port, unless told otherwise. An empty list serves nobody, not even who was dialled. */
  listen?: string[];
  /** Multiaddrs, or base URLs of gateways, to ask after those named in `get`. */
  peers?: () => readonly string[];
  maxStoreBytes?: number;
  /** As of the embedded store. */
  onNotSwept?: ((reason: string) => void) | undefined;
  onDamaged?: ((damage: Damage) => void) | undefined;
  blockTimeoutMs?: number;
  reach?: Reach | undefined;
  /** The multiaddr that is announced, where others do not reach the node by the one it listens on. */
  publicAddress?: string | undefined;
}

/** A bitswap peer does not send again, for some seconds, what it has sent: so what came last stays in memory. */
const recentCacheBytes = 2 ** 26;

/** Errors: PACKAGE_MISSING, STORE_UNREACHABLE (cannot listen), FOLDER_NOT_WRITABLE. */
export async function openHeliaStore(options: HeliaStoreOptions): Promise<BlobStore> {
  const { folder, listen = ['/ip4/127.0.0.1/tcp/0'], blockTimeoutMs = defaultBlockTimeoutMs } = options;
  const packages = await loadPackages();
  const pinned = await openPinnedBlobs(folder, {
    maxBytes: options.maxStoreBytes ?? Number.POSITIVE_INFINITY,
    onNotSwept: options.onNotSwept,
    onDamaged: options.onDamaged,
  });
  const Served = listen.length > 0 ? ServedBlocks : NoBlocks;
  const blockstore = new Served(pinned.blocks.path, folder);
  const helia = await startHelia(packages, blockstore, listen, options.reach ?? 'anywhere');
  const gateways = createGateways(options.reach);
  const downloads = createDownloads();
  const ownDisk: BlockSource = { name: 'the own store', getBlock: (cid) => pinned.blocks.read(cid) };
  const recent = createBlockCache(recentCacheBytes);
  const bitswap: BlockSource = {
    name: 'bitswap',
    getBlock: (cid, { signal }) =>
      recent.read(cid, async () => {
        const parts: Uint8Array[] = [];
        for await (const part of helia.blockstore.get(cid, { signal })) parts.push(part);
        return Buffer.concat(parts);
      }),
  };

  async function put(bytes: Uint8Array, signal?: AbortSignal): Promise<CID> {
    throwIfStopped(signal);
    const dag = await buildDag(bytes);
    await pinned.keep(dag, ownPins);
    // peers that already wait for these blocks are told
    for (const block of dag.blocks) await helia.blockstore.put(block.cid, block.bytes);
    return dag.root;
  }

  async function get(cid: CID, { peers = [], ...limits }: GetOptions): Promise<Uint8Array> {
    const addresses = [...peers, ...(options.peers?.() ?? [])];
    if (!(await pinned.isWhole(cid))) {
      const dials = addresses.filter((text) => text.startsWith('/')).map((text) => dial(text, limits.signal));
      await Promise.allSettled(dials);
    }
    const sources = [ownDisk, ...gateways.sources(addresses), bitswap];
    const { bytes, servedBy } = await readBlob(cid, sources, { ...limits, blockTimeoutMs, downloads });
    if (pinned.isPinned(cid) && [...servedBy].some((source) => source !== ownDisk)) {
      await pinned.mend(await buildDag(bytes)).catch(() => {});
    }
    return bytes;
  }

  async function dial(address: string, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(blockTimeoutMs);
    await helia.libp2p.dial(packages.multiaddr(address), { signal: AbortSignal.any([signal, timeout]) });
  }

  return {
    backend: 'helia',
    endpoint: options.publicAddress ?? helia.libp2p.getMultiaddrs()[0]?.toString(),
    put: (bytes, { signal } = {}) => put(bytes, signal),
    get,
    has: (cid) => pinned.isWhole(cid),
    readBlock: (cid) => pinned.blocks.readVerified(cid),
    async pin(cid, limits) {
      await put(await get(cid, limits), limits.signal);
    },
    unpin: (cid) => pinned.drop(cid),
    async close() {
      await helia.stop();
    },
  };
}

/** What Helia sees: the kept blocks, and nothing that it fetches is written. */
class ServedBlocks extends DurableBlockstore {
  override async put(cid: CID): Promise<CID> {
    return cid;
  }
}

/** What Helia sees where nobody is served: a peer that was dialled may ask back on the same connection. */
class NoBlocks extends ServedBlocks {
  override async has(): Promise<boolean> {
    return false;
  }

  override async read(): Promise<undefined> {
    return undefined;
  }
}

async function startHelia(packages: Packages, blockstore: DurableBlockstore, listen: string[], reach: Reach) {
  const { createHeliaLight, withBitswap, withLibp2pLight, tcp, noise, yamux, identify } = packages;
  const node = withLibp2pLight(createHeliaLight({ blockstore }), {
    addresses: { listen },
    // names are looked up when they are connected to
    transports: [tcp({ dialOpts: { lookup: lookupWithin(reach) } as object })],
    connectionGater: { denyDialMultiaddr: (address) => !isAddressWithin(reach, address.toString()) },
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  const helia = withBitswap(node);
  try {
    await helia.start();
  } catch (cause) {
    const message = `Helia cannot listen on ${listen.join(', ')}: choose another multiaddr, or port 0 for any.`;
    throw new TributaryError('STORE_UNREACHABLE', message, { cause });
  }
  return helia;
}

type Packages = Awaited<ReturnType<typeof importPackages>>;

function loadPackages(): Promise<Packages> {
  const names =
    'helia @helia/bitswap @helia/libp2p @libp2p/tcp @libp2p/identify @chainsafe/libp2p-noise @chainsafe/libp2p-yamux @multiformats/multiaddr';
  return importOptional('the Helia store', names.split(' '), importPackages);
}

async function importPackages() {
  const [helia, bitswap, libp2p, tcp, identify, noise, yamux, multiaddr] = await Promise.all([
    import('helia'),
    import('@helia/bitswap'),
    import('@helia/libp2p'),
    import('@libp2p/tcp'),
    import('@libp2p/identify'),
    import('@chainsafe/libp2p-noise'),
    import('@chainsafe/libp2p-yamux'),
    import('@multiformats/multiaddr'),
  ]);
  return { ...helia, ...bitswap, ...libp2p, ...tcp, ...identify, ...noise, ...yamux, ...multiaddr };
}
