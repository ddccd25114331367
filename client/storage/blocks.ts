/**
 * Blocks on disk in the layout of blockstore-fs, with what it does not do: a write is on the disk when it answers, and
 * a block that was damaged on the disk reads as absent.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FsBlockstore } from 'blockstore-fs';
import { NextToLast } from 'blockstore-fs/sharding';
import type { CID } from 'multiformats/cid';
import { diskFailureCode } from './diskFailure.ts';
import { writeDurably } from './durable.ts';
import { verifyBlock } from './source.ts';

export class DurableBlockstore extends FsBlockstore {
  readonly #layout = new NextToLast();
  readonly #asideFolder: string;

  /** `asideFolder`: for files being written, on the same file system. */
  constructor(folder: string, asideFolder: string) {
    super(folder);
    this.#asideFolder = asideFolder;
  }

  /** The block's file, as named within the folder: whatever the folder is called, it is the same. */
  nameOf(cid: CID): string {
    const { dir, file } = this.#layout.encode(cid);
    return join(dir, file);
  }

  /** What is in the block of that name, by its hash; undefined for a file that is no block's. */
  cidOf(name: string): CID | undefined {
    try {
      const cid = this.#layout.decode(basename(name));
      return this.nameOf(cid) === name ? cid : undefined;
    } catch {
      return undefined;
    }
  }

  pathOf(cid: CID): string {
    return join(this.path, this.nameOf(cid));
  }

  /** The bytes as they are on the disk, or undefined where there is no such file, or it cannot be read: others may have the block. */
  async read(cid: CID): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.pathOf(cid));
    } catch (error) {
      if (diskFailureCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** The bytes, or undefined where they are absent or damaged. */
  async readVerified(cid: CID): Promise<Uint8Array | undefined> {
    const bytes = await this.read(cid);
    if (bytes === undefined) return undefined;
    return verifyBlock(cid, bytes, this.path).then(
      () => bytes,
      () => undefined,
    );
  }

  override async put(cid: CID, value: Parameters<FsBlockstore['put']>[1]): Promise<CID> {
    const bytes = value instanceof Uint8Array ? value : await collect(value);
    await writeDurably([{ path: this.pathOf(cid), bytes }], this.#asideFolder);
    return cid;
  }

  override async *get(cid: CID): AsyncGenerator<Uint8Array> {
    const bytes = await this.readVerified(cid);
    // the name by which interface-blockstore's users know it
    if (bytes === undefined) throw Object.assign(new Error(`No block ${cid}`), { name: 'NotFoundError' });
    yield bytes;
  }
}

async function collect(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
