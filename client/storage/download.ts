/** A blob of many blocks while it arrives: what was verified stays, whatever becomes of who has sent it, and is not fetched again. */
import type { CID } from 'multiformats/cid';
import { leafBytes } from '../core/cid.ts';
import { type Block, type Root, sizeOfLeaf } from './dag.ts';
import { type BlockSource, patienceOf, verifyBlock } from './source.ts';

export interface Download {
  root: CID;
  bytes: Uint8Array;
  leaves: readonly { cid: CID; offset: number; size: number }[];
  /** Places of the leaves that are not here yet, ascending. */
  missing: Set<number>;
  /** Takes a verified leaf, be it in its place already or not. */
  place(index: number, block: Uint8Array): void;
}

export function startDownload(root: CID, { leaves: cids, size }: Root): Download {
  const bytes = new Uint8Array(size);
  const leaves = cids.map((cid, index) => ({ cid, offset: index * leafBytes, size: sizeOfLeaf(index, size) }));
  const missing = new Set(leaves.keys());
  function place(index: number, block: Uint8Array): void {
    if (block.buffer !== bytes.buffer) bytes.set(block, leaves[index]!.offset);
    missing.delete(index);
  }
  return { root, bytes, leaves, missing, place };
}

/**
 * Takes what one of the sources gives of the leaves in one answer, in order, until it ends, is slow, or gives something else: what is
 * still missing then is asked for block by block. Never throws.
 */
export async function takeTree(
  { root, bytes, leaves, missing, place }: Download,
  sources: readonly BlockSource[],
  { signal, blockTimeoutMs }: { signal: AbortSignal; blockTimeoutMs: number },
  servedBy: Set<BlockSource>,
): Promise<void> {
  const [source, ...others] = sources.filter(({ getTree }) => getTree !== undefined);
  if (source === undefined) return;
  const patienceMs = others.length === 0 ? blockTimeoutMs : Math.min(patienceOf(source), blockTimeoutMs);
  const stop = new AbortController();
  const patiently = async <T>(task: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => stop.abort(), patienceMs);
    return await task.finally(() => clearTimeout(timer));
  };

  function takeBlock({ cid, bytes: block }: Block): Promise<void> | void {
    const [index] = missing;
    const expected = leaves[index ?? 0]!;
    if (index !== undefined && cid.equals(expected.cid) && block.length === expected.size) {
      return verifyBlock(cid, block, source!.name).then(() => {
        for (const other of missing) if (leaves[other]!.cid.equals(cid)) place(other, block);
        servedBy.add(source!);
      });
    }
    // the root is here already, and a leaf that stands at several places may come for each of them
    if (!cid.equals(root) && !leaves.some((leaf) => leaf.cid.equals(cid))) throw new Error('a block of something else');
  }

  try {
    const limits = { maxBytes: bytes.length, signal: AbortSignal.any([signal, stop.signal]) };
    const blocks = await patiently(source.getTree!(root, limits));
    if (blocks === undefined) return;
    for (let next = await patiently(blocks.next()); !next.done; next = await patiently(blocks.next())) {
      await takeBlock(next.value);
    }
    if (missing.size > 0) throw new Error('it ended early');
  } catch {
    if (!signal.aborted) source.judge?.(false, patienceMs);
  } finally {
    stop.abort();
  }
}

export interface Downloads {
  /** One that was begun; it is the caller's alone until it is kept again. */
  take(cid: CID): Download | undefined;
  keep(cid: CID, download: Download): void;
}

/** Of those that were begun, the newest are remembered, up to so many bytes together. */
export function createDownloads(maxBytes = 2 ** 28): Downloads {
  const begun = new Map<string, Download>();
  return {
    take(cid) {
      const download = begun.get(cid.toString());
      begun.delete(cid.toString());
      return download;
    },
    keep(cid, download) {
      if (download.bytes.length > maxBytes) return;
      begun.set(cid.toString(), download);
      let bytes = 0;
      for (const [key, { bytes: room }] of [...begun].reverse()) {
        bytes += room.length;
        if (bytes > maxBytes) begun.delete(key);
      }
    },
  };
}
