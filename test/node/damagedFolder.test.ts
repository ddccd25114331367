/** Every file of a data folder, damaged in every way: nothing damaged is taken for what was written, and no process ends of it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { TributaryError } from '../../client/core/errors.ts';
import { examineFolder } from '../../client/node/doctor/folder.ts';
import { repairFolder } from '../../client/node/doctor/repair.ts';
import { openFolder } from '../../client/node/folder.ts';
import { parseOwner } from '../../client/node/owner.ts';
import { unseal } from '../../client/storage/seal.ts';
import { blob, cidOfBlob, filesBelow, openDataFolder, type Read, update } from './dataFolder.ts';

const base = mkdtempSync(join(tmpdir(), 'tributary-damaged-'));
const whole = join(base, 'whole');

/** What each kind of file is, and what of it is read where it is damaged. */
const kinds: readonly [kind: string, path: RegExp, lost: (keyof Read)[]][] = [
  ['update', /^outbox\/4\.update$/, ['update']],
  ['ballot', /^ballots\/4-100\.json$/, ['salt']],
  ['attestation', /^attestations\/4-2\.json$/, ['inputCount']],
  ['note of losses', /^losses\/readTo\.json$/, ['losses']],
  ['note of metrics', /^metrics\/measured\.json$/, ['measured']],
  ['note of payments', /^payments\/payments\.json$/, ['paid']],
  ['archive record', /^archive\/4\.json$/, ['archived']],
  ['block', /^blobs\/blocks\//, ['blob', 'pinned']],
  ['pin', /^blobs\/pins\//, []],
  ['owner', /^process\.json$/, []],
];

const right: Read = {
  update,
  salt: new Uint8Array(32).fill(3),
  inputCount: 1,
  losses: { readTo: 17 },
  measured: [4],
  paid: ['5'],
  archived: [cidOfBlob],
  blob,
  pinned: true,
};

/** With every file as it was. */
function freshFolder(): string {
  const folder = join(base, 'damaged');
  rmSync(folder, { recursive: true, force: true });
  cpSync(whole, folder, { recursive: true });
  return folder;
}

function valueOfLost(key: keyof Read): unknown {
  if (key === 'pinned') return false;
  return key === 'paid' || key === 'measured' ? [] : undefined;
}

function* damagesOf(bytes: Uint8Array): Generator<[how: string, damaged: Uint8Array]> {
  for (let length = 0; length < bytes.length; length++) yield [`cut to ${length} bytes`, bytes.subarray(0, length)];
  for (let index = 0; index < bytes.length; index++) {
    const flipped = bytes.slice();
    flipped[index]! ^= 1 << (index % 8);
    yield [`with byte ${index} changed`, flipped];
  }
  yield ['with a byte more', Uint8Array.of(...bytes, 10)];
  yield ['twice', Uint8Array.of(...bytes, ...bytes)];
}

/** Some of them, other ones each time, with those at the edges: a process starts in each of their folders. */
function someOf(bytes: Uint8Array): [how: string, damaged: Uint8Array | 'folder'][] {
  const all = [...damagesOf(bytes)];
  const some = fc.sample(fc.constantFrom(...all), Number(process.env.TRIBUTARY_FUZZ_RUNS ?? 12));
  return [all[0]!, all[bytes.length - 1]!, ...all.slice(-2), ...some, ['a folder', 'folder']];
}

function plain(read: Read): Record<string, unknown> {
  const entries = Object.entries(read);
  return Object.fromEntries(entries.map(([key, value]) => [key, value instanceof Uint8Array ? [...value] : value]));
}

describe('a damaged data folder', () => {
  before(async () => {
    const opened = await openDataFolder(whole);
    await opened.write();
    await opened.release();
  });
  after(() => rmSync(base, { recursive: true }));

  function fileOf(folder: string, path: RegExp): string {
    return filesBelow(folder).find((file) => path.test(relative(folder, file)))!;
  }

  for (const [kind, path, lost] of kinds) {
    it(`gives everything but its ${kind}, says which file that is, and never gives that`, async () => {
      const expected = plain({
        ...right,
        ...Object.fromEntries(lost.map((key) => [key, valueOfLost(key)])),
      });
      for (const [how, damaged] of someOf(readFileSync(fileOf(whole, path)))) {
        const folder = freshFolder();
        const file = fileOf(folder, path);
        rmSync(file);
        if (damaged === 'folder') mkdirSync(file);
        else writeFileSync(file, damaged);
        // a folder in the place of process.json cannot be taken away unasked
        if (kind === 'owner' && damaged === 'folder') {
          expect(() => openFolder(folder)).to.throw(TributaryError, /move \S+process\.json elsewhere/);
          continue;
        }
        const found = (await examineFolder(folder)).problems.filter(
          (problem) => problem.kind !== 'pin' || kind === 'pin',
        );
        expect(
          found.map((problem) => problem.file),
          how,
        ).to.deep.equal([file]);
        const opened = await openDataFolder(folder);
        const read = plain(await opened.read());
        // a block's length is its own; a leaf of the right length is looked at when it is read
        if (kind === 'block') read.pinned = false;
        expect(read, how).to.deep.equal(expected);
        expect(
          opened.damages.map((damage) => damage.file),
          how,
        ).to.deep.equal(kind === 'block' ? [] : [file]);
        await opened.release();
      }
    });
  }

  it('has in no file a byte that could be cut or changed unseen', () => {
    for (const [kind, path] of kinds) {
      if (kind === 'block') continue;
      for (const [how, damaged] of damagesOf(readFileSync(fileOf(whole, path)))) {
        const read = kind === 'owner' ? parseOwner(Buffer.from(damaged).toString()) : unseal(damaged);
        expect(read, `${kind} ${how}`).to.equal(undefined);
      }
    }
  });

  it('is mended by doctor: what can be had again is removed, the rest is set aside, and then all is well', async () => {
    const folder = freshFolder();
    // one file tells of which format the others are
    const cut = kinds.filter(([kind]) => kind !== 'note of losses');
    for (const [, path] of cut) writeFileSync(fileOf(folder, path), 'x'.repeat(20));
    mkdirSync(`${folder}.lock`);
    utimesSync(`${folder}.lock`, 1, 1);
    writeFileSync(join(folder, 'ballots', '00000000-0000-4000-8000-000000000000'), 'half');
    const found = await examineFolder(folder);
    expect(found.problems.map(({ kind }) => kind)).to.have.members([
      ...cut.map(([kind]) => kind),
      'lock',
      'temporary file',
    ]);
    const repaired = await repairFolder(found);
    const aside = repaired.filter(({ keptAs }) => keptAs !== null).map(({ file }) => relative(folder, file));
    expect(aside).to.have.members(['outbox/4.update', 'ballots/4-100.json', 'attestations/4-2.json']);
    const after = await examineFolder(folder);
    expect(after.problems).to.deep.equal([]);
    expect(after.notes.filter((note) => note.includes('was set aside'))).to.have.length(3);
  });

  it('does not sign again what it may have signed', async () => {
    const folder = freshFolder();
    writeFileSync(fileOf(folder, /^attestations/), '');
    for (const _ of ['now', 'after a restart']) {
      const opened = await openDataFolder(folder);
      const refused = await opened.attest(2).catch((error: unknown) => error);
      expect((refused as TributaryError).code).to.equal('FOLDER_DAMAGED');
      await opened.release();
    }
  });

  it('that does not say who uses it is taken when nobody has given a sign of life for ten seconds', () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'process.json'), '{"format":2,"pid":');
    mkdirSync(`${folder}.lock`);
    const agedMs = Date.now() - 9000;
    utimesSync(`${folder}.lock`, agedMs / 1000, agedMs / 1000);
    openFolder(folder).release();
  });
});
