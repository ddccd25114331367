/**
 * The blobs that a process keeps: blocks on disk, one file for each pin, and counts of which blocks the pins need. A pin
 * is written after its blocks, so at any moment the disk holds whole blobs and perhaps blocks without a pin, which are
 * swept when the folder is opened next.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CID } from 'multiformats/cid';
import { dagPbCode } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { DurableBlockstore } from './blocks.ts';
import { type Dag, decodeRoot, sizeOfLeaf } from './dag.ts';
import { explainWriteFailure, writeDurably } from './durable.ts';

export interface PinnedBlobs {
  readonly blocks: DurableBlockstore;
  /** Writes and pins the blob for `owner`; mends damaged blocks. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
  keep(dag: Dag, owner: string): Promise<void>;
  /** Writes the damaged blocks of a blob again, where it is pinned. */
  mend(dag: Dag): Promise<void>;
  /** Removes the pin and collects the blocks that no other pin needs. */
  drop(cid: CID): Promise<void>;
  isPinned(cid: CID): boolean;
  /** True when the root is undamaged and every leaf is there with its size. */
  isWhole(cid: CID): Promise<boolean>;
  /** Bytes of the blocks of all pins of this owner. */
  bytesOf(owner: string): number;
}

/** The owner of what the process itself puts, as opposed to what others upload. */
export const ownPins = '';

interface Pin {
  owner: string;
  /** Size in bytes by path; a blob may have equal leaves. */
  blocks: Map<string, number>;
}

/** `maxBytes` limits the blocks of all pins together. Errors: FOLDER_NOT_WRITABLE. */
export async function openPinnedBlobs(folder: string, maxBytes: number): Promise<PinnedBlobs> {
  const blocksFolder = join(folder, 'blocks');
  const pinsFolder = join(folder, 'pins');
  const asideFolder = join(folder, 'aside');
  const blocks = new DurableBlockstore(blocksFolder, asideFolder);
  const pins = new Map<string, Pin>();
  const uses = new Map<string, number>();
  let usedBytes = 0;

  try {
    await rm(asideFolder, { recursive: true, force: true });
    for (const path of [blocksFolder, pinsFolder, asideFolder]) await mkdir(path, { recursive: true });
  } catch (error) {
    throw explainWriteFailure(error, folder);
  }
  let allKnown = true;
  for (const name of await readdir(pinsFolder)) {
    const cid = CID.parse(name);
    const owner = await readFile(join(pinsFolder, name), 'utf8');
    const content = await contentOf(cid);
    allKnown &&= content !== undefined;
    register(name, { owner, blocks: content ?? new Map() });
  }
  // Where a damaged root hides which blocks its blob needs, nothing is swept.
  if (allKnown) await sweep();

  async function contentOf(cid: CID): Promise<Map<string, number> | undefined> {
    const bytes = await blocks.readVerified(cid);
    if (bytes === undefined) return undefined;
    const content = new Map([[blocks.pathOf(cid), bytes.length]]);
    if (cid.code !== dagPbCode) return content;
    const root = decodeRoot(bytes);
    root?.leaves.forEach((leaf, index) => {
      content.set(blocks.pathOf(leaf), sizeOfLeaf(index, root.size));
    });
    return root && content;
  }

  function register(name: string, pin: Pin): void {
    pins.set(name, pin);
    for (const [path, size] of pin.blocks) {
      const count = uses.get(path) ?? 0;
      if (count === 0) usedBytes += size;
      uses.set(path, count + 1);
    }
  }

  /** The blocks that nobody needs any more. */
  function unregister(name: string): string[] {
    const pin = pins.get(name);
    pins.delete(name);
    const unused: string[] = [];
    for (const [path, size] of pin?.blocks ?? []) {
      const count = uses.get(path)! - 1;
      if (count > 0) {
        uses.set(path, count);
      } else {
        uses.delete(path);
        usedBytes -= size;
        unused.push(path);
      }
    }
    return unused;
  }

  async function sweep(): Promise<void> {
    for (const entry of await readdir(blocksFolder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !uses.has(path)) await rm(path, { force: true });
    }
  }

  async function keep(dag: Dag, owner: string): Promise<void> {
    const name = dag.root.toString();
    const content = new Map(dag.blocks.map(({ cid, bytes }) => [blocks.pathOf(cid), bytes.length]));
    let added = 0;
    for (const [path, size] of content) if (!uses.has(path)) added += size;
    if (usedBytes + added > maxBytes) {
      const message = `The store in ${folder} may hold ${maxBytes} bytes and has ${usedBytes}: unpin blobs or raise its limit.`;
      throw new TributaryError('DISK_FULL', message, { args: { usedBytes, maxBytes } });
    }
    const files = new Map<string, Uint8Array>();
    for (const { cid, bytes } of dag.blocks) {
      if ((await blocks.readVerified(cid)) === undefined) files.set(blocks.pathOf(cid), bytes);
    }
    const before = pins.get(name);
    // What the process itself put stays its own when another uploads it too.
    const keeper = before?.owner === ownPins ? ownPins : owner;
    if (before?.owner !== keeper) files.set(join(pinsFolder, name), new TextEncoder().encode(keeper));
    await writeDurably(
      Array.from(files, ([path, bytes]) => ({ path, bytes })),
      asideFolder,
    );
    unregister(name);
    register(name, { owner: keeper, blocks: content });
  }

  async function mend(dag: Dag): Promise<void> {
    const pin = pins.get(dag.root.toString());
    if (pin !== undefined) await keep(dag, pin.owner);
  }

  async function drop(cid: CID): Promise<void> {
    const name = cid.toString();
    if (!pins.has(name)) return;
    await rm(join(pinsFolder, name), { force: true });
    await Promise.all(unregister(name).map((path) => rm(path, { force: true })));
  }

  async function isWhole(cid: CID): Promise<boolean> {
    const content = await contentOf(cid);
    if (content === undefined) return false;
    const sizes = await Promise.all(Array.from(content.keys(), (path) => stat(path).catch(() => undefined)));
    return Array.from(content.values()).every((size, index) => sizes[index]?.size === size);
  }

  // One lock over writing with its pin and over collection: a block that a new pin needs is never collected.
  let last: Promise<unknown> = Promise.resolve();
  function exclusively<T>(task: () => Promise<T>): Promise<T> {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  }

  return {
    blocks,
    keep: (dag, owner) => exclusively(() => keep(dag, owner)),
    mend: (dag) => exclusively(() => mend(dag)),
    drop: (cid) => exclusively(() => drop(cid)),
    isPinned: (cid) => pins.has(cid.toString()),
    isWhole,
    bytesOf(owner) {
      let sum = 0;
      for (const pin of pins.values()) if (pin.owner === owner) for (const size of pin.blocks.values()) sum += size;
      return sum;
    },
  };
}
