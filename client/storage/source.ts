/** Where blocks come from, and what is asked of them whoever they come from. */
import type { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { TributaryError } from '../core/errors.ts';
import { equalBytes } from '../core/hash.ts';
import type { Block } from './dag.ts';

/** Somewhere blocks come from: the own disk, a peer, a daemon. */
export interface BlockSource {
  /** How messages call it. */
  readonly name: string;
  /** The block's bytes, unverified; undefined where the source does not have it. Throws where it does not answer. */
  getBlock(cid: CID, options: BlockOptions): Promise<Uint8Array | undefined>;
  /**
   * The blocks of a blob in one answer, the root first, unverified; `maxBytes` is the blob's. Undefined where the source gives no such
   * answer, or none at all.
   */
  getTree?(cid: CID, options: BlockOptions): Promise<AsyncGenerator<Block, undefined> | undefined>;
  /** See `patienceOf`. */
  patienceMs?(): number;
  /** Hears how it has done: it gave what was asked for, and how fast, or it failed, lied or was too slow. */
  judge?(good: boolean, tookMs: number): void;
}

export interface BlockOptions {
  /** More than this is not read. */
  maxBytes: number;
  signal: AbortSignal;
  /** `maxBytes` bytes of room that the source may fill, and answer with a view of, to save a copy. */
  into?: Uint8Array | undefined;
}

const usualPatienceMs = 1000;

/** How long the source may take, in milliseconds, before another is asked too. */
export function patienceOf({ patienceMs }: BlockSource): number {
  return patienceMs?.() ?? usualPatienceMs;
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
