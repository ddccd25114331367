import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { FsBlockstore } from 'blockstore-fs';
import { expect } from 'chai';
import { CID } from 'multiformats/cid';
import { leafBytes } from '../../client/core/cid.ts';
import { DurableBlockstore } from '../../client/storage/blocks.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { openEmbeddedStore } from '../../client/storage/embedded.ts';
import { itKeepsPins, itKeepsTheContract, limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { useFolders } from './folders.ts';

const run = promisify(execFile);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function fileOf(folder: string, bytes: Uint8Array): Promise<string> {
  for (const path of await filesBelow(join(folder, 'blocks'))) if ((await readFile(path)).equals(bytes)) return path;
  throw new Error('no such block');
}

/** Where a block with these bytes belongs. */
async function blockFile(folder: string, bytes: Uint8Array): Promise<string> {
  const path = new DurableBlockstore(join(folder, 'blocks'), '').pathOf((await buildDag(bytes)).root);
  await mkdir(dirname(path), { recursive: true });
  return path;
}

describe('an embedded store', () => {
  const { newFolder, open } = useFolders();

  for (const contract of [itKeepsTheContract, itKeepsPins]) {
    contract(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
      const author = await openEmbeddedStore({ folder: join(folder, 'author'), listen: {} });
      const reader = await openEmbeddedStore({ folder: join(folder, 'reader') });
      const close = async () => {
        await Promise.all([author.close(), reader.close()]);
        await rm(folder, { recursive: true });
      };
      return { author, reader, close };
    });
  }

  it('says that a port is in use', async () => {
    const store = await open();
    const port = Number(new URL(store.endpoint!).port);
    await expectError(async () => open({ listen: { port } }), 'PORT_IN_USE');
  });

  it('says that a folder cannot be written', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), '');
    await expectError(() => open({ folder: join(folder, 'file') }), 'FOLDER_NOT_WRITABLE');
  });

  it('refuses a blob for which its size limit leaves no room', async () => {
    const store = await open({ maxStoreBytes: 3000 });
    const first = await store.put(randomBytes(2000));
    await expectError(() => store.put(randomBytes(1001)), 'DISK_FULL');
    await store.unpin(first);
    await store.put(randomBytes(1001));
  });

  it('leaves nothing half-written when the disk is full, and goes on when there is room', async () => {
    const folder = await newFolder();
    const module = new URL('../../client/storage/embedded.ts', import.meta.url);
    // A limit of 512 KiB a file, set by the shell, makes the write fail inside the second block.
    const script = `
      import { openEmbeddedStore } from ${JSON.stringify(module.href)};
      const store = await openEmbeddedStore({ folder: ${JSON.stringify(folder)} });
      await store.put(new Uint8Array(1000).fill(7));
      const failure = await store.put(new Uint8Array(${2 * leafBytes}).fill(9)).catch((error) => error);
      await store.put(new Uint8Array(1000).fill(8));
      console.log(failure.code);`;
    const command = 'ulimit -f 512 && exec "$0" --input-type=module-typescript -e "$1"';
    const { stdout } = await run('bash', ['-c', command, process.execPath, script]);
    expect(stdout.trim()).to.equal('DISK_FULL');
    expect(await filesBelow(join(folder, 'blocks'))).to.have.lengthOf(2);
    expect(await filesBelow(join(folder, 'pins'))).to.have.lengthOf(2);
    expect(await filesBelow(join(folder, 'aside'))).to.have.lengthOf(0);
  });

  it('lets blockstore-fs read its blocks', async () => {
    const folder = await newFolder();
    const cid = await (await open({ folder })).put(new Uint8Array([1, 2, 3]));
    const parts: Uint8Array[] = [];
    for await (const part of new FsBlockstore(join(folder, 'blocks')).get(cid)) parts.push(part);
    expect([...Buffer.concat(parts)]).to.deep.equal([1, 2, 3]);
  });

  it('has its pins after a restart, and sweeps what a killed process left', async () => {
    const folder = await newFolder();
    const first = await open({ folder });
    const bytes = randomBytes(2 * leafBytes);
    const cid = await first.put(bytes);
    await first.close();
    const kept = await filesBelow(folder);
    await writeFile(join(folder, 'aside', 'half'), 'left over');
    await writeFile(await blockFile(folder, randomBytes(10)), 'left over');
    const reasons: string[] = [];
    const second = await open({ folder, onNotSwept: (reason) => reasons.push(reason) });
    expect(reasons).to.deep.equal([]);
    expect((await filesBelow(folder)).sort()).to.deep.equal(kept.sort());
    expect(Buffer.from(await second.get(cid, limits())).equals(bytes)).to.equal(true);
    await second.unpin(cid);
    expect(await filesBelow(folder)).to.deep.equal([]);
  });

  it('survives a kill at any moment: what was answered is whole, the rest is swept', async () => {
    const folder = await newFolder();
    const module = new URL('../../client/storage/embedded.ts', import.meta.url);
    const script = `
      import { openEmbeddedStore } from ${JSON.stringify(module.href)};
      const store = await openEmbeddedStore({ folder: ${JSON.stringify(folder)} });
      for (let index = 0; ; index++) {
        const cid = await store.put(new Uint8Array(${leafBytes + 1}).map((_, i) => (i + index) % 251));
        process.stdout.write(cid + '\\n');
        if (index === 2) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 3);
      }`;
    const options = ['--input-type=module-typescript', '-e', script];
    const { stdout, signal } = await run(process.execPath, options).catch((error) => error);
    expect(signal).to.equal('SIGKILL');
    const answered: string[] = stdout.trim().split('\n');
    expect(answered.length).to.be.at.least(3);

    const store = await open({ folder });
    for (const cid of answered) expect(await store.get(CID.parse(cid), limits())).to.have.lengthOf(leafBytes + 1);
    expect(await filesBelow(join(folder, 'aside'))).to.deep.equal([]);
  });

  it('mends a damaged leaf, a missing leaf and a damaged root from a peer', async () => {
    const folder = await newFolder();
    const bytes = randomBytes(3 * leafBytes);
    const { blocks } = await buildDag(bytes);
    const author = await open();
    const store = await open({ folder, peers: () => [author.endpoint!] });
    const cid = await author.put(bytes);
    await store.put(bytes);
    const [first, second, , root] = await Promise.all(blocks.map((block) => fileOf(folder, block.bytes)));
    await writeFile(first!, 'damaged');
    await rm(second!);
    await writeFile(root!, 'damaged');
    expect(Buffer.from(await store.get(cid, limits())).equals(bytes)).to.equal(true);
    await author.close();
    expect(Buffer.from(await store.get(cid, limits())).equals(bytes)).to.equal(true);
  });

  it('never gives out a damaged block, and mends it when the bytes are put again', async () => {
    const folder = await newFolder();
    const bytes = randomBytes(1000);
    const store = await open({ folder });
    const cid = await store.put(bytes);
    await writeFile(await fileOf(folder, bytes), randomBytes(1000));
    const reader = await open();
    await expectError(() => store.get(cid, limits()), 'BLOB_MISMATCH');
    await expectError(() => reader.get(cid, limits({ peers: [store.endpoint!] })), 'BLOB_UNAVAILABLE');
    await store.put(bytes);
    expect(Buffer.from(await store.get(cid, limits())).equals(bytes)).to.equal(true);
  });

  it('opens with a damaged root, says so, and removes none of its leaves, also not with another blob of the same', async () => {
    const folder = await newFolder();
    const shared = randomBytes(leafBytes);
    const bytes = Buffer.concat([shared, randomBytes(leafBytes)]);
    const { blocks, root } = await buildDag(bytes);
    const first = await open({ folder });
    await first.put(bytes);
    const other = await first.put(shared);
    await first.close();
    const leaf = await fileOf(folder, blocks[0]!.bytes);
    await writeFile(await fileOf(folder, blocks[2]!.bytes), 'damaged');
    const reasons: string[] = [];
    const store = await open({ folder, onNotSwept: (reason) => reasons.push(reason) });
    expect(reasons.join()).to.contain(`the pinned blob ${root} is damaged`);
    await store.unpin(other);
    expect(await store.has(root)).to.equal(false);
    expect(existsSync(leaf)).to.equal(true);
    await store.put(bytes);
    expect(await store.has(root)).to.equal(true);
  });

  it('keeps its blobs when it is opened again by a relative name', async () => {
    const folder = await newFolder();
    const bytes = randomBytes(2 * leafBytes);
    const name = relative(process.cwd(), folder);
    for (const again of [name, folder, name]) {
      const store = await open({ folder: again });
      const cid = await store.put(bytes);
      await store.close();
      const reopened = await open({ folder: again, onNotSwept: (reason) => expect.fail(reason) });
      expect(await reopened.has(cid)).to.equal(true);
      await reopened.close();
    }
    expect(await filesBelow(join(folder, 'blocks'))).to.have.lengthOf(3);
  });

  for (const [what, place] of [
    ['among the blocks', (folder: string) => join(folder, 'blocks', 'notes.txt')],
    ['among the pins', (folder: string) => join(folder, 'pins', 'notes.txt')],
  ] as const) {
    it(`removes nothing where a file of another is ${what}, and says so`, async () => {
      const folder = await newFolder();
      const first = await open({ folder });
      const cid = await first.put(randomBytes(10));
      await first.close();
      await writeFile(place(folder), 'mine');
      const leftOver = await blockFile(folder, randomBytes(10));
      await writeFile(leftOver, 'left over');
      const reasons: string[] = [];
      const store = await open({ folder, onNotSwept: (reason) => reasons.push(reason) });
      expect(reasons.join()).to.match(/notes\.txt is no file of this store/);
      expect([existsSync(leftOver), existsSync(place(folder)), await store.has(cid)]).to.deep.equal([true, true, true]);
    });
  }

  it('removes nothing where nothing would be left, and says so', async () => {
    const folder = await newFolder();
    const first = await open({ folder });
    const bytes = randomBytes(2 * leafBytes);
    const cid = await first.put(bytes);
    await first.close();
    await rm(join(folder, 'pins'), { recursive: true });
    const reasons: string[] = [];
    const store = await open({ folder, onNotSwept: (reason) => reasons.push(reason) });
    expect(reasons.join()).to.contain('no pin needs any of the 3 blocks');
    expect(Buffer.from(await store.get(cid, limits())).equals(bytes)).to.equal(true);
  });

  it('collects what no pin needs, and nothing that another blob shares', async () => {
    const folder = await newFolder();
    const store = await open({ folder });
    const shared = randomBytes(leafBytes);
    const first = await store.put(Buffer.concat([shared, randomBytes(5)]));
    const second = await store.put(Buffer.concat([shared, randomBytes(5)]));
    const leaf = await store.put(shared);
    await store.unpin(first);
    expect(await filesBelow(join(folder, 'blocks'))).to.have.lengthOf(3);
    expect(await store.get(second, limits())).to.have.lengthOf(leafBytes + 5);
    await store.unpin(second);
    expect(await store.get(leaf, limits())).to.have.lengthOf(leafBytes);
    await store.unpin(leaf);
    expect(await filesBelow(folder)).to.deep.equal([]);
  });

  it('loses nothing when the same blobs are put and unpinned side by side', async () => {
    const store = await open();
    const shared = randomBytes(leafBytes);
    const blobs = Array.from({ length: 4 }, () => Buffer.concat([shared, randomBytes(100)]));
    const cids = await Promise.all(blobs.map((bytes) => store.put(bytes)));
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all(cids.flatMap((cid, index) => [store.unpin(cid), store.put(blobs[index]!)]));
    }
    for (const [index, cid] of cids.entries()) {
      expect(Buffer.from(await store.get(cid, limits())).equals(blobs[index]!)).to.equal(true);
    }
  });

  it('serves a blob only while it may: not before the window has closed, nor when it is unpinned', async () => {
    let windowClosed = false;
    const author = await open({ mayServe: () => windowClosed });
    const reader = await open({ peers: () => [author.endpoint!] });
    const cid = await author.put(randomBytes(10));
    await expectError(() => reader.get(cid, limits()), 'BLOB_UNAVAILABLE');
    windowClosed = true;
    expect(await reader.get(cid, limits())).to.have.lengthOf(10);
    await author.unpin(cid);
    await expectError(() => reader.get(cid, limits()), 'BLOB_UNAVAILABLE');
  });
});
