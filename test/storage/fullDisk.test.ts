/** A disk that fails at any one of the calls that a write takes: what was there stays whole, a sentence says why, and then it goes on. */
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { openFolder } from '../../client/node/folder.ts';
import { openKeptFiles } from '../../client/storage/durable.ts';
import { writeWhole } from '../../client/storage/wholeFile.ts';
import { useFolders } from './folders.ts';

type Call = (...args: unknown[]) => unknown;

/** Fails the call number `at` from now on, over all of those by which anything is written. Answers how many there were, and takes it back. */
async function withFault(at: number, code: string, act: () => unknown): Promise<number> {
  const handle = await fsPromises.open(process.execPath, 'r');
  const handles = Object.getPrototypeOf(handle) as Record<string, Call>;
  await handle.close();
  const places: [object: Record<string, Call>, names: string[], isSync: boolean][] = [
    [fsPromises as never, ['open', 'rename', 'mkdir'], false],
    [handles, ['writeFile', 'sync'], false],
    [fs as never, ['openSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'linkSync', 'mkdirSync'], true],
  ];
  const taken: (() => void)[] = [];
  let calls = 0;
  for (const [object, names, isSync] of places) {
    for (const name of names) {
      const real = object[name]!;
      object[name] = function (this: unknown, ...args: unknown[]) {
        if (calls++ !== at) return real.apply(this, args);
        const error = Object.assign(new Error(`${code}: injected`), { code, syscall: name });
        if (isSync) throw error;
        return Promise.reject(error);
      };
      taken.push(() => {
        object[name] = real;
      });
    }
  }
  syncBuiltinESMExports();
  try {
    await act();
  } finally {
    for (const undo of taken) undo();
    syncBuiltinESMExports();
  }
  return calls;
}

describe('a disk that fails', () => {
  const { newFolder } = useFolders();
  const codes: [code: string, error: string][] = [
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EIO', 'FOLDER_NOT_WRITABLE'],
    ['EROFS', 'FOLDER_NOT_WRITABLE'],
  ];

  /** `act` is run with each of its calls failing in turn; `check` sees what is there then. */
  async function eachCallFails(
    folder: string,
    act: () => unknown,
    check: () => Promise<void> | void,
    isRetryable = true,
  ): Promise<void> {
    for (const [code, expected] of codes) {
      let failures = 0;
      for (let at = 0; ; at++) {
        let failure: unknown;
        const calls = await withFault(at, code, act).catch((error: unknown) => {
          failure = error;
          return Number.POSITIVE_INFINITY;
        });
        await check();
        if (failure === undefined && calls <= at) break;
        if (failure === undefined) continue;
        failures++;
        expect(failure, `${code} at call ${at}`).to.be.instanceOf(TributaryError);
        const { message, retryable, ...error } = failure as TributaryError;
        expect(error.code).to.equal(expected);
        if (isRetryable) expect(retryable).to.equal(true);
        expect(message).to.include(folder).and.to.include(`(${code})`);
      }
      // it is written, synchronised and renamed at least
      expect(failures).to.be.at.least(4);
    }
  }

  it('at any call of keeping a file leaves the one that was there, or the new one, and nothing else', async () => {
    const folder = await newFolder();
    const files = await openKeptFiles(folder);
    await files.write('a', Uint8Array.of(1));
    await eachCallFails(
      folder,
      () => files.write('a', Uint8Array.of(2)),
      async () => {
        expect(await files.names()).to.deep.equal(['a']);
        expect(fs.readdirSync(folder)).to.deep.equal(['a']);
        expect((await files.read('a'))![0]).to.be.oneOf([1, 2]);
      },
    );
    expect([...(await files.read('a'))!]).to.deep.equal([2]);
  });

  it('at any call of putting a blob leaves the blobs that were there, and the next put goes on', async () => {
    const folder = await newFolder();
    const { openEmbeddedStore } = await import('../../client/storage/embedded.ts');
    const store = await openEmbeddedStore({ folder });
    const before = await store.put(new Uint8Array(100).fill(1));
    let seed = 2;
    await eachCallFails(
      folder,
      () => store.put(new Uint8Array(100).fill(seed++)),
      async () => {
        expect(await store.has(before)).to.equal(true);
        expect(fs.readdirSync(join(folder, 'aside'))).to.deep.equal([]);
      },
    );
    await store.close();
  });

  it('at any call of opening a data folder does not leave it locked, and it opens when there is room', async () => {
    const folder = join(await newFolder(), 'data');
    openFolder(folder).release();
    await eachCallFails(
      folder,
      () => openFolder(folder).release(),
      () => openFolder(folder).release(),
      false,
    );
  });

  it('at any call of writing what a command writes leaves the file that was there, or the new one', async () => {
    const folder = await newFolder();
    const file = join(folder, 'deployment.json');
    writeWhole(file, 'old');
    await eachCallFails(
      folder,
      () => writeWhole(file, 'new'),
      () => {
        expect(fs.readFileSync(file, 'utf8')).to.be.oneOf(['old', 'new']);
        expect(fs.readdirSync(folder)).to.deep.equal(['deployment.json']);
      },
    );
  });
});
