/**
 * The blobs that a process keeps: blocks on disk, one file for each pin, and counts of which blocks the pins need. A pin
 * is written after its blocks, so at any moment the disk holds whole blobs and perhaps blocks without a pin, which are
 * swept when the folder is opened next. Only what surely nobody needs is ever removed: where a pin cannot be read, where there is a file
 * of another's, and where nothing at all would be left, all stays, and that is said.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { CID } from 'multiformats/cid';
import { dagPbCode } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { DurableBlockstore } from './blocks.ts';
import { type Dag, decodeRoot, sizeOfLeaf } from './dag.ts';
import { explainWriteFailure } from './diskFailure.ts';
import { isSetAside, writeDurably } from './durable.ts';
import type { Damage } from './keptFiles.ts';
import { readPin, writtenPin } from './pinFile.ts';
import { type Content, createPins, type Pins } from './pins.ts';

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

export interface PinnedOptions {
  /** Of the blocks of all pins together. */
  maxBytes: number;
  /** Hears why blocks that seem unneeded stay. */
  onNotSwept?: ((reason: string) => void) | undefined;
  /** Hears of pins that are not whole: whose they were is not known any more, so the blob is kept as the process's own. */
  onDamaged?: ((damage: Damage) => void) | undefined;
}

/** Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function openPinnedBlobs(
  folderName: string,
  { maxBytes, onNotSwept = () => undefined, onDamaged = () => undefined }: PinnedOptions,
): Promise<PinnedBlobs> {
  const folder = resolve(folderName);
  const blocksFolder = join(folder, 'blocks');
  const pinsFolder = join(folder, 'pins');
  const asideFolder = join(folder, 'aside');
  const blocks = new DurableBlockstore(blocksFolder, asideFolder);
  // over writing with its pin and over collection: a block that a new pin needs is never collected
  const exclusively = createLock();

  const pins = createPins();
  let strangers: string[];
  try {
    await rm(asideFolder, { recursive: true, force: true });
    for (const path of [blocksFolder, pinsFolder, asideFolder]) await mkdir(path, { recursive: true });
    strangers = await readPins(pins, { folder: pinsFolder, asideFolder, blocks, onDamaged });
    await sweep();
  } catch (error) {
    throw explainWriteFailure(error, folder);
  }

  async function sweep(): Promise<void> {
    const entries = await readdir(blocksFolder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    const all = files.map(({ parentPath, name }) => relative(blocksFolder, join(parentPath, name)));
    const names = all.filter((name) => !isSetAside(name));
    const unused = names.filter((name) => !pins.needs(name));
    const reason = reasonToKeep(unused, names.length);
    if (reason !== undefined) onNotSwept(`${reason} (${folder})`);
    else await remove(unused);
  }

  /** A sentence without its end; undefined where everything that is needed is known. */
  function reasonToKeep(unused: readonly string[], all: number): string | undefined {
    const unreadable = pins.unreadable();
    if (unreadable !== undefined) {
      return `the pinned blob ${unreadable} is damaged or missing, and which blocks it needs is not known: put it again`;
    }
    const stranger = strangers[0] ?? unused.find((name) => blocks.cidOf(name) === undefined);
    if (stranger !== undefined) return `${stranger} is no file of this store: move it elsewhere`;
    if (all === 0 || unused.length < all) return undefined;
    return `no pin needs any of the ${all} blocks: remove the folder if nothing in it is needed`;
  }

  async function remove(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => rm(join(blocksFolder, name), { force: true })));
  }

  async function keep(dag: Dag, owner: string): Promise<void> {
    const name = dag.root.toString();
    const content = new Map(dag.blocks.map(({ cid, bytes }) => [blocks.nameOf(cid), bytes.length]));
    const usedBytes = pins.usedBytes();
    let added = 0;
    for (const [block, size] of content) if (!pins.needs(block)) added += size;
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
    if (before?.owner !== keeper) files.set(join(pinsFolder, name), writtenPin(keeper));
    await writeDurably(
      Array.from(files, ([path, bytes]) => ({ path, bytes })),
      asideFolder,
    );
    pins.remove(name);
    pins.add(name, { owner: keeper, blocks: content });
  }

  async function mend(dag: Dag): Promise<void> {
    const pin = pins.get(dag.root.toString());
    if (pin !== undefined) await keep(dag, pin.owner);
  }

  async function drop(cid: CID): Promise<void> {
    const name = cid.toString();
    if (pins.get(name) === undefined) return;
    await rm(join(pinsFolder, name), { force: true });
    const unused = pins.remove(name);
    // a blob whose root is damaged may need them: they are swept another time
    if (pins.unreadable() === undefined) await remove(unused);
  }

  async function isWhole(cid: CID): Promise<boolean> {
    const content = await contentOf(blocks, cid);
    if (content === undefined) return false;
    const paths = Array.from(content.keys(), (name) => join(blocksFolder, name));
    const sizes = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
    return Array.from(content.values()).every((size, index) => sizes[index]?.size === size);
  }

  return {
    blocks,
    keep: (dag, owner) => exclusively(() => keep(dag, owner)),
    mend: (dag) => exclusively(() => mend(dag)),
    drop: (cid) => exclusively(() => drop(cid)),
    isPinned: (cid) => pins.get(cid.toString()) !== undefined,
    isWhole,
    bytesOf: pins.bytesOf,
  };
}

interface PinsFolder {
  folder: string;
  asideFolder: string;
  blocks: DurableBlockstore;
  onDamaged: (damage: Damage) => void;
}

/** Mends those that are damaged. Answers the files that are no pins. */
async function readPins(pins: Pins, { folder, asideFolder, blocks, onDamaged }: PinsFolder): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !isSetAside(name));
  for (const name of names) {
    const cid = parseName(name);
    if (cid === undefined) continue;
    const file = join(folder, name);
    const { owner, problem } = await readPin(file);
    pins.add(name, { owner: owner ?? ownPins, blocks: await contentOf(blocks, cid) });
    if (problem === undefined) continue;
    // where it cannot be written now, it is found damaged again
    await writeDurably([{ path: file, bytes: writtenPin(ownPins) }], asideFolder).catch(() => undefined);
    onDamaged({ file, problem, keptAs: null });
  }
  return names.filter((name) => parseName(name) === undefined).map((name) => join('pins', name));
}

function parseName(name: string): CID | undefined {
  try {
    return CID.parse(name);
  } catch {
    return undefined;
  }
}

/** The blocks of a blob; undefined where its root is damaged or missing. */
export async function contentOf(blocks: DurableBlockstore, cid: CID): Promise<Content | undefined> {
  const bytes = await blocks.readVerified(cid);
  if (bytes === undefined) return undefined;
  const content = new Map([[blocks.nameOf(cid), bytes.length]]);
  if (cid.code !== dagPbCode) return content;
  const root = decodeRoot(bytes);
  root?.leaves.forEach((leaf, index) => {
    content.set(blocks.nameOf(leaf), sizeOfLeaf(index, root.size));
  });
  return root && content;
}

/** One task after the other, whether or not those before it fail. */
function createLock(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
