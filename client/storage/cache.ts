/** Verified blocks in memory, the least recently read given up first. */
import type { CID } from 'multiformats/cid';

export interface BlockCache {
  /** From memory, otherwise by the loader. */
  read(cid: CID): Promise<Uint8Array | undefined>;
  clear(): void;
}

export function createBlockCache(maxBytes: number, load: (cid: CID) => Promise<Uint8Array | undefined>): BlockCache {
  const blocks = new Map<string, Uint8Array>();
  let bytes = 0;
  let generation = 0;

  function giveUp(key: string): void {
    bytes -= blocks.get(key)?.length ?? 0;
    blocks.delete(key);
  }

  return {
    async read(cid) {
      const key = cid.toString();
      const loadedIn = generation;
      const block = blocks.get(key) ?? (await load(cid));
      // what was being read while the cache was cleared may be gone from the disk by now
      if (block === undefined || block.length > maxBytes || loadedIn !== generation) return block;
      giveUp(key);
      blocks.set(key, block);
      bytes += block.length;
      for (const oldest of blocks.keys()) {
        if (bytes <= maxBytes) break;
        giveUp(oldest);
      }
      return block;
    },
    clear() {
      blocks.clear();
      bytes = 0;
      generation++;
    },
  };
}
