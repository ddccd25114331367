/** The blobs of a data folder, read where they lie: nothing is asked of peers, locked, mended or swept, so a copy on any disk will do. */
import { join, resolve } from 'node:path';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { dagPbCode, rawCode } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { equalBytes } from '../core/hash.ts';
import { DurableBlockstore } from './blocks.ts';
import { decodeRoot } from './dag.ts';
import type { Flaw, InspectedStore } from './inspect.ts';
import { defaultBlockTimeoutMs, readBlob } from './reader.ts';
import type { BlockSource } from './source.ts';

/** `folder` is that of the blobs, as the embedded store and Helia's lay it out. Nothing is written there. */
export function openFolderStore(folder: string): InspectedStore {
  const path = resolve(folder);
  const blocks = new DurableBlockstore(join(path, 'blocks'), join(path, 'aside'));
  const disk: BlockSource = { name: path, getBlock: (cid) => blocks.read(cid) };

  async function inspectBlock(cid: CID): Promise<{ flaws: Flaw[]; bytes: Uint8Array }> {
    const file = blocks.pathOf(cid);
    const bytes = await blocks.read(cid);
    if (bytes === undefined) return { flaws: [{ file, problem: 'missing' }], bytes: new Uint8Array() };
    const actual = await sha256.digest(bytes);
    const isRight = equalBytes(actual.digest, cid.multihash.digest);
    if (isRight) return { flaws: [], bytes };
    const holds = CID.createV1(decodeRoot(bytes) === undefined ? rawCode : dagPbCode, actual).toString();
    return { flaws: [{ file, problem: 'damaged', holds }], bytes };
  }

  async function inspect(cid: CID): Promise<Flaw[]> {
    const { flaws, bytes } = await inspectBlock(cid);
    if (flaws.length > 0 || cid.code !== dagPbCode) return flaws;
    const leaves = decodeRoot(bytes)?.leaves ?? [];
    for (const leaf of leaves) flaws.push(...(await inspectBlock(leaf)).flaws);
    return flaws;
  }

  const refuse = async () => {
    throw new TributaryError('STORE_READ_ONLY', `The blobs in ${path} are only read.`);
  };
  return {
    inspect,
    backend: 'embedded',
    endpoint: undefined,
    put: refuse,
    pin: refuse,
    unpin: refuse,
    get: async (cid, limits) =>
      (await readBlob(cid, [disk], { ...limits, blockTimeoutMs: defaultBlockTimeoutMs })).bytes,
    has: async (cid) => (await inspect(cid)).length === 0,
    close: async () => undefined,
  };
}
