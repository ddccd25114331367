/** A data folder of format 1, in which no file had a checksum, is made one of today's format, and nothing of it is lost. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { examineFolder } from '../../client/node/doctor/folder.ts';
import { openFolder } from '../../client/node/folder.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { openPinnedBlobs } from '../../client/storage/pinned.ts';
import { openDataFolder } from './dataFolder.ts';
import { format1 } from './format1.ts';

const base = mkdtempSync(join(tmpdir(), 'tributary-older-'));
let folders = 0;

function olderFolder(changed: Record<string, Uint8Array> = {}): string {
  const folder = join(base, String(folders++));
  for (const [path, text] of Object.entries(format1)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, changed[path] ?? Buffer.from(text, 'base64'));
  }
  return folder;
}

async function expectAllIsThere(folder: string): Promise<void> {
  const opened = await openDataFolder(folder);
  const { update, salt, inputCount, losses, blob, pinned } = await opened.read();
  expect([update!.length, salt![0], inputCount, losses, blob!.length, pinned]).to.deep.equal([
    128,
    3,
    1,
    { readTo: 17 },
    300,
    true,
  ]);
  expect(opened.damages).to.deep.equal([]);
  await opened.release();
  const { bytesOf } = await openPinnedBlobs(join(folder, 'blobs'), { maxBytes: 1e6 });
  expect(bytesOf(developmentWallet(2).address)).to.equal(100);
}

describe('a data folder of format 1', () => {
  after(() => rmSync(base, { recursive: true }));

  it('is taken with all that is in it, and is of format 2 then', async () => {
    const folder = olderFolder();
    const before = await examineFolder(folder);
    expect(before).to.deep.include({ format: 1, problems: [] });
    await expectAllIsThere(folder);
    const after = await examineFolder(folder);
    expect(after).to.deep.include({ format: 2, problems: [], good: before.good });
    expect(after.good).to.deep.equal({ update: 1, ballot: 1, attestation: 1, 'note of losses': 1, block: 2, pin: 2 });
    await expectAllIsThere(folder);
  });

  it('is taken where a process died in the middle of making it one of format 2', async () => {
    const made = olderFolder();
    openFolder(made).release();
    const sealed = Object.keys(format1).filter((path) => !/process|blocks/.test(path));
    for (const count of sealed.keys()) {
      const some = sealed.slice(0, count + 1).map((path) => [path, readFileSync(join(made, path))] as const);
      await expectAllIsThere(olderFolder(Object.fromEntries(some)));
    }
  });

  it('gives what is whole of it where a file was cut, and says which one', async () => {
    for (const path of ['ballots/4-100.json', 'attestations/4-2.json']) {
      const bytes = Buffer.from(format1[path]!, 'base64');
      for (const length of [0, 1, bytes.length - 1]) {
        const folder = olderFolder({ [path]: bytes.subarray(0, length) });
        expect((await examineFolder(folder)).problems.map(({ file }) => file)).to.deep.equal([join(folder, path)]);
        const opened = await openDataFolder(folder);
        expect(opened.damages.map(({ file }) => file)).to.deep.equal([join(folder, path)]);
        expect((await opened.read()).update).to.have.length(128);
        await opened.release();
      }
    }
  });
});
