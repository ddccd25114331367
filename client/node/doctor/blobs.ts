/** Looks through the blobs of a data folder: every block against its hash, every pin against its blocks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CID } from 'multiformats/cid';
import { DurableBlockstore } from '../../storage/blocks.ts';
import { isSetAside } from '../../storage/durable.ts';
import { readPin } from '../../storage/pinFile.ts';
import { contentOf } from '../../storage/pinned.ts';
import { pinKind } from '../fileKinds.ts';
import { folderFormat } from '../owner.ts';
import { namesIn, temporary } from './keptFiles.ts';
import { countGoodInPlace, type Examination } from './report.ts';

const fetchedAgain = 'it is fetched from peers again when it is needed';

export async function examineBlobsInPlace(found: Examination, folder: string, format: number): Promise<void> {
  const below = join(folder, 'blobs');
  const blocks = new DurableBlockstore(join(below, 'blocks'), join(below, 'aside'));
  const good = await examineBlocksInPlace(found, blocks);
  const needed = await examinePinsInPlace(found, join(below, 'pins'), blocks, good, format);
  const spare = [...good].filter((name) => !needed.has(name)).length;
  if (spare > 0) found.notes.push(`${spare} blocks are not pinned: the next start removes them`);
  for (const name of await namesIn(join(below, 'aside'))) found.problems.push(temporary(join(below, 'aside', name)));
}

/** Answers the names of those that are whole. */
async function examineBlocksInPlace(found: Examination, blocks: DurableBlockstore): Promise<Set<string>> {
  const good = new Set<string>();
  for (const shard of await namesIn(blocks.path)) {
    for (const base of await namesIn(join(blocks.path, shard))) {
      const [name, file] = [join(shard, base), join(blocks.path, shard, base)];
      const cid = blocks.cidOf(name);
      if (isSetAside(name)) found.notes.push(`${file} was set aside`);
      else if (cid === undefined) found.problems.push(stranger(file));
      else if ((await blocks.readVerified(cid)) !== undefined) {
        good.add(name);
        countGoodInPlace(found, 'block');
      } else {
        const problem = 'its bytes do not have its hash';
        found.problems.push({ kind: 'block', file, problem, means: fetchedAgain, remedy: 'remove' });
      }
    }
  }
  return good;
}

/** Answers the names of the blocks that pins need. */
async function examinePinsInPlace(
  found: Examination,
  folder: string,
  blocks: DurableBlockstore,
  good: ReadonlySet<string>,
  format: number,
): Promise<Set<string>> {
  const needed = new Set<string>();
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    if (isSetAside(name)) continue;
    const cid = parseCid(name);
    if (cid === undefined) {
      found.problems.push(stranger(file));
      continue;
    }
    const { problem } = await readPin(file);
    const names = [...((await contentOf(blocks, cid))?.keys() ?? [])];
    for (const block of names) needed.add(block);
    const missing = names.filter((block) => !good.has(block)).length;
    if (names.length === 0 || missing > 0) {
      const lacks = names.length === 0 ? 'its root' : `${missing} of its ${names.length} blocks`;
      const means = `the blob ${name} is not here: ${fetchedAgain}`;
      found.problems.push({ kind: 'pin', file, problem: `${lacks} is missing or damaged`, means, remedy: 'remove' });
    } else if (problem === undefined || (format < folderFormat && (await isOfFormat1(file)))) {
      countGoodInPlace(found, 'pin');
    } else {
      found.problems.push({ kind: 'pin', file, problem, means: 'the next start writes it anew', remedy: 'remove' });
    }
  }
  return needed;
}

async function isOfFormat1(file: string): Promise<boolean> {
  return await readFile(file).then(pinKind.wasWhole, () => false);
}

function stranger(file: string): Examination['problems'][number] {
  const means = 'nothing that is no longer needed is removed from the store beside it: move it elsewhere';
  return { kind: 'stranger', file, problem: 'it is no file of this store', means };
}

function parseCid(name: string): CID | undefined {
  try {
    return CID.parse(name);
  } catch {
    return undefined;
  }
}
