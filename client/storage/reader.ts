/**
 * The one reader of every backend. It trusts no source: each block is capped in size and hashed, only the canonical
 * one-level tree is followed (see dag.ts), the declared size is checked before the first leaf is asked for, and a
 * bounded number of blocks is in flight.
 */
import { CID } from 'multiformats/cid';
import { dagPbCode, isBlobCid, leafBytes, rawCode } from '../core/cid.ts';
import { TributaryError, validateArgument } from '../core/errors.ts';
import { createAsking } from './asking.ts';
import { forEachBounded } from './bounded.ts';
import { decodeRoot, maxRootBytes } from './dag.ts';
import { type Download, type Downloads, startDownload, takeTree } from './download.ts';
import { type BlockSource, mismatch } from './source.ts';
import type { GetOptions } from './store.ts';

export interface ReadBlob {
  bytes: Uint8Array;
  /** The sources that served at least one block. */
  servedBy: ReadonlySet<BlockSource>;
}

export interface ReadOptions extends Omit<GetOptions, 'peers'> {
  /** How long a source may take over one block before it is given up; the next is asked long before. */
  blockTimeoutMs: number;
  /** What was begun before and not finished. */
  downloads?: Downloads;
}

export const defaultBlockTimeoutMs = 30_000;
const blocksInFlight = 4;

/** Errors: those of `BlobStore.get`. */
export async function readBlob(cid: CID, sources: readonly BlockSource[], options: ReadOptions): Promise<ReadBlob> {
  validateArgument(isBlobCid(cid), `The CID ${cid} does not name a blob: use a CIDv1 with sha2-256 and raw or dag-pb.`);
  const servedBy = new Set<BlockSource>();
  const { signal, downloads } = options;
  const asking = createAsking(cid, sources, servedBy, options);

  if (cid.code === rawCode) {
    const bytes = await asking.block(cid, { maxBytes: leafBytes, signal });
    limitSize(cid, bytes.length, options.maxBytes);
    if (decodeRoot(bytes) === undefined) return { bytes, servedBy };
    const root = CID.createV1(dagPbCode, cid.multihash);
    throw mismatch(`The blob ${cid} is the root of another: ask for ${root}.`, false, { root });
  }

  const download = downloads?.take(cid) ?? (await begin());
  try {
    limitSize(cid, download.bytes.length, options.maxBytes);
    const isNew = download.missing.size === download.leaves.length;
    if (isNew) await takeTree(download, asking.order(), options, servedBy);
    await finish(download);
    return { bytes: download.bytes, servedBy };
  } catch (error) {
    const mayBeResumed = error instanceof TributaryError && (error.retryable || error.code === 'ABORTED');
    if (mayBeResumed) downloads?.keep(cid, download);
    throw error;
  }

  async function begin(): Promise<Download> {
    const root = decodeRoot(await asking.block(cid, { maxBytes: maxRootBytes, signal }));
    if (root === undefined) {
      throw mismatch(`The blob ${cid} is not in the form of the profile unixfs-v1-2025: its author must put it again.`);
    }
    limitSize(cid, root.size, options.maxBytes);
    return startDownload(cid, root);
  }

  async function finish({ bytes, missing, leaves, place }: Download): Promise<void> {
    const failure = new AbortController();
    const either = AbortSignal.any([signal, failure.signal]);
    await forEachBounded([...missing], blocksInFlight, async (index) => {
      try {
        const { cid: leaf, offset, size } = leaves[index]!;
        const into = bytes.subarray(offset, offset + size);
        const block = await asking.block(leaf, { maxBytes: size, signal: either, into });
        if (block.length !== size) {
          throw mismatch(`The blob ${cid} has a leaf of ${block.length} bytes that its root declares with ${size}.`);
        }
        place(index, block);
      } catch (error) {
        failure.abort();
        throw error;
      }
    });
  }
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
