/**
 * The one reader of every backend. It trusts no source: each block is capped in size and hashed, only the canonical
 * one-level tree is followed (see dag.ts), the declared size is checked before the first leaf is asked for, and a
 * bounded number of blocks is in flight.
 */
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { dagPbCode, isBlobCid, leafBytes, rawCode } from '../core/cid.ts';
import { TributaryError, validateArgument } from '../core/errors.ts';
import { equalBytes } from '../core/hash.ts';
import { forEachBounded } from './bounded.ts';
import { decodeRoot, maxRootBytes, sizeOfLeaf } from './dag.ts';
import type { GetOptions } from './store.ts';

/** Somewhere blocks come from: the own disk, a peer, a daemon. */
export interface BlockSource {
  /** How messages call it. */
  readonly name: string;
  /** The block's bytes, unverified; undefined where the source does not have it. Throws where it does not answer. */
  getBlock(cid: CID, options: BlockOptions): Promise<Uint8Array | undefined>;
}

export interface BlockOptions {
  /** More than this is not read. */
  maxBytes: number;
  signal: AbortSignal;
  /** `maxBytes` bytes of room that the source may fill, and answer with a view of, to save a copy. */
  into?: Uint8Array;
}

export interface ReadBlob {
  bytes: Uint8Array;
  /** The sources that served at least one block. */
  servedBy: ReadonlySet<BlockSource>;
}

export interface ReadOptions extends Omit<GetOptions, 'peers'> {
  /** How long a source may take over one block before the next is asked. */
  blockTimeoutMs: number;
}

export const defaultBlockTimeoutMs = 30_000;
const blocksInFlight = 4;

/** Errors: those of `BlobStore.get`. */
export async function readBlob(cid: CID, sources: readonly BlockSource[], options: ReadOptions): Promise<ReadBlob> {
  validateArgument(isBlobCid(cid), `The CID ${cid} does not name a blob: use a CIDv1 with sha2-256 and raw or dag-pb.`);
  const servedBy = new Set<BlockSource>();
  // A source that served goes to the front, one that failed to the back: later blocks profit from it.
  const order = [...sources];

  async function fetchBlock(wanted: CID, limits: BlockOptions): Promise<Uint8Array> {
    const reasons: string[] = [];
    let lied = false;
    for (const source of [...order]) {
      throwIfStopped(options.signal, cid);
      try {
        const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(options.blockTimeoutMs)]);
        const bytes = await source.getBlock(wanted, { ...limits, signal });
        if (bytes === undefined) {
          reasons.push(`${source.name} does not have it`);
          continue;
        }
        await verifyBlock(wanted, bytes, source.name);
        servedBy.add(source);
        move(order, source, 0);
        return bytes;
      } catch (error) {
        throwIfStopped(options.signal, cid);
        lied ||= error instanceof TributaryError && error.code === 'BLOB_MISMATCH';
        reasons.push(error instanceof TributaryError ? error.message : `${source.name} failed (${messageOf(error)})`);
        move(order, source, order.length - 1);
      }
    }
    throwIfStopped(options.signal, cid);
    const why = reasons.length > 0 ? reasons.join('; ') : 'there is no peer to ask';
    if (lied) throw mismatch(`The block ${wanted} of blob ${cid} could not be had unaltered: ${why}.`, true);
    throw unavailable(`The block ${wanted} of blob ${cid} is not available now: ${why}. Try again later.`);
  }

  if (cid.code === rawCode) {
    const bytes = await fetchBlock(cid, { maxBytes: leafBytes, signal: options.signal });
    limitSize(cid, bytes.length, options.maxBytes);
    if (decodeRoot(bytes) !== undefined) {
      const root = CID.createV1(dagPbCode, cid.multihash);
      throw mismatch(`The blob ${cid} is the root of another: ask for ${root}.`, false, { root });
    }
    return { bytes, servedBy };
  }

  const root = decodeRoot(await fetchBlock(cid, { maxBytes: maxRootBytes, signal: options.signal }));
  if (root === undefined) {
    throw mismatch(`The blob ${cid} is not in the form of the profile unixfs-v1-2025: its author must put it again.`);
  }
  limitSize(cid, root.size, options.maxBytes);
  const bytes = new Uint8Array(root.size);
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  await forEachBounded(root.leaves, blocksInFlight, async (leaf, index) => {
    try {
      const size = sizeOfLeaf(index, root.size);
      const into = bytes.subarray(index * leafBytes, index * leafBytes + size);
      const block = await fetchBlock(leaf, { maxBytes: size, signal, into });
      if (block.length !== size) {
        throw mismatch(`The blob ${cid} has a leaf of ${block.length} bytes that its root declares with ${size}.`);
      }
      if (block.buffer !== bytes.buffer) into.set(block);
    } catch (error) {
      failure.abort();
      throw error;
    }
  });
  return { bytes, servedBy };
}

/** Throws BLOB_MISMATCH unless the bytes hash to the CID. */
export async function verifyBlock(cid: CID, bytes: Uint8Array, sourceName: string): Promise<void> {
  const { digest } = await sha256.digest(bytes);
  if (!equalBytes(digest, cid.multihash.digest)) throw mismatch(`${sourceName} gave other bytes for ${cid}`, true);
}

/** Throws what an aborted signal means: BLOB_UNAVAILABLE where time ran out, ABORTED otherwise. */
export function throwIfStopped(signal: AbortSignal | undefined, cid?: CID): void {
  if (!signal?.aborted) return;
  const cause: unknown = signal.reason;
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    throw new TributaryError('BLOB_UNAVAILABLE', `The blob ${cid ?? ''} did not arrive in time: try again later.`, {
      cause,
      retryable: true,
    });
  }
  throw new TributaryError('ABORTED', 'The transfer was stopped before it was complete.', { cause });
}

export function mismatch(message: string, retryable = false, args: Record<string, unknown> = {}): TributaryError {
  return new TributaryError('BLOB_MISMATCH', message, { retryable, args });
}

function unavailable(message: string): TributaryError {
  return new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
}

function limitSize(cid: CID, size: number, maxBytes: number): void {
  if (size > maxBytes) {
    throw new TributaryError(
      'BLOB_TOO_LARGE',
      `The blob ${cid} has ${size} bytes, more than the ${maxBytes} allowed.`,
      {
        args: { size, maxBytes },
      },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function move<T>(items: T[], item: T, to: number): void {
  items.splice(items.indexOf(item), 1);
  items.splice(to, 0, item);
}
