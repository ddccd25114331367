/** Verified blocks in memory, the least recently read given up first. */
import type { CID } from 'multiformats/cid';
import { toHex } from '../core/hash.ts';

export interface BlockCache {
  /** From memory, otherwise by the loader. */
  read(cid: CID, load: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined>;
  clear(): void;
}

export function createBlockCache(maxBytes: number): BlockCache {
  const blocks = new Map<string, Uint8Array>();
  const loading = new Map<string, Promise<Uint8Array | undefined>>();
  let bytes = 0;

  function giveUp(key: string): void {
    bytes -= blocks.get(key)?.length ?? 0;
    blocks.delete(key);
  }

  function remember(key: string, block: Uint8Array): void {
    giveUp(key);
    blocks.set(key, block);
    bytes += block.length;
    for (const oldest of blocks.keys()) {
      if (bytes <= maxBytes) break;
      giveUp(oldest);
    }
  }

  return {
    async read(cid, load) {
      // the codec is no part of it: one digest, one block
      const key = toHex(cid.multihash.bytes);
      const known = blocks.get(key);
      if (known !== undefined) {
        remember(key, known);
        return known;
      }
      const running = loading.get(key);
      if (running !== undefined) return running;
      const loaded = load();
      loading.set(key, loaded);
      try {
        const block = await loaded;
        // what was being read while the cache was cleared may be gone from the disk by now
        if (block !== undefined && loading.get(key) === loaded) remember(key, block);
        return block;
      } finally {
        if (loading.get(key) === loaded) loading.delete(key);
      }
    },
    clear() {
      blocks.clear();
      loading.clear();
      bytes = 0;
    },
  };
}
