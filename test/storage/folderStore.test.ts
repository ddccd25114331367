/** Blobs read from a folder as they lie there: what is wrong with their files is named, and nothing is touched. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { leafBytes } from '../../client/core/cid.ts';
import { DurableBlockstore } from '../../client/storage/blocks.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { openFolderStore } from '../../client/storage/folderStore.ts';
import { expectRejection } from '../governance/expectCode.ts';
import { useFolders } from './folders.ts';

const { signal } = new AbortController();
const limits = { maxBytes: 2 ** 30, signal };
const small = new Uint8Array(1000).fill(1);
const large = Uint8Array.from({ length: 2 * leafBytes + 5 }, (_, index) => index % 251);

describe('a folder of blobs', () => {
  const { newFolder, open } = useFolders();

  async function stage() {
    const folder = await newFolder();
    const store = await open({ folder });
    await store.put(small);
    await store.put(large);
    await store.close();
    const blocks = new DurableBlockstore(join(folder, 'blocks'), folder);
    const dags = { small: await buildDag(small), large: await buildDag(large) };
    const fileOf = (name: keyof typeof dags, index = 0) => blocks.pathOf(dags[name].blocks[index]!.cid);
    return { folder, dags, fileOf, read: openFolderStore(folder) };
  }

  it('gives blobs of one leaf and of several, and says that they are whole', async () => {
    const { dags, read } = await stage();
    expect(await read.get(dags.small.root, limits)).to.deep.equal(small);
    expect(Buffer.compare(await read.get(dags.large.root, limits), large)).to.equal(0);
    for (const { root } of [dags.small, dags.large]) {
      expect([await read.inspect(root), await read.has(root)]).to.deep.equal([[], true]);
    }
  });

  it('names every file that is missing, and of one that is damaged what it holds', async () => {
    const { dags, fileOf, read } = await stage();
    const bytes = readFileSync(fileOf('small'));
    writeFileSync(fileOf('small'), bytes.with(999, 2));
    const [holds] = (await buildDag(bytes.with(999, 2))).blocks;
    expect(await read.inspect(dags.small.root)).to.deep.equal([
      { file: fileOf('small'), problem: 'damaged', holds: holds!.cid.toString() },
    ]);
    rmSync(fileOf('large', 0));
    // the block of another blob, in the place of this one's
    writeFileSync(fileOf('large', 2), readFileSync(fileOf('large', 1)));
    expect(await read.inspect(dags.large.root)).to.deep.equal([
      { file: fileOf('large', 0), problem: 'missing' },
      { file: fileOf('large', 2), problem: 'damaged', holds: dags.large.blocks[1]!.cid.toString() },
    ]);
    writeFileSync(fileOf('large', 3), '');
    expect((await read.inspect(dags.large.root)).map(({ file, problem }) => [file, problem])).to.deep.equal([
      [fileOf('large', 3), 'damaged'],
    ]);
    for (const { root } of [dags.small, dags.large]) {
      expect(await read.has(root)).to.equal(false);
      await expectRejection(read.get(root, limits), 'BLOB_MISMATCH', /unaltered/);
    }
  });

  it('writes nothing there: neither folders, nor what is damaged, nor what somebody puts', async () => {
    const { folder, dags, fileOf, read } = await stage();
    rmSync(join(folder, 'aside'), { recursive: true });
    writeFileSync(fileOf('small'), 'damaged');
    const before = readdirSync(folder, { recursive: true }).sort();
    await read.inspect(dags.small.root);
    await read.get(dags.small.root, limits).catch(() => undefined);
    for (const change of [
      () => read.put(small),
      () => read.pin(dags.small.root, limits),
      () => read.unpin(dags.small.root),
    ]) {
      await expectRejection(change(), 'STORE_READ_ONLY', /only read/);
    }
    await read.close();
    expect(readdirSync(folder, { recursive: true }).sort()).to.deep.equal(before);
    expect(readFileSync(fileOf('small'), 'utf8')).to.equal('damaged');
  });
});
