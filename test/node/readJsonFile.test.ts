/** Files that commands read: each fault of a file has its own sentence, and none is unforeseen. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkpointFile, readCheckpoint } from '../../client/actions/checkpoint.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { unreadable } from '../../client/core/jsonText.ts';
import { readAddressBook } from '../../client/deployment/addressBook.ts';
import { readFederationConfig } from '../../client/deployment/config.ts';
import { readProgress } from '../../client/deployment/progress.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { readTextFile } from '../../client/node/readJsonFile.ts';

interface Reader {
  /** Its name in the folder, where that is fixed. */
  file: string;
  remedy: string;
  read(path: string): unknown;
  /** Where none is there nothing is wrong. */
  isOptional?: boolean;
}

const readers: Record<string, Reader> = {
  'a deployment': { file: 'x.json', remedy: 'tributary deploy', read: readDeployment },
  'a configuration': { file: 'tributary.json', remedy: 'tributary init', read: readFederationConfig },
  'a checkpoint': {
    file: 'checkpoint.json',
    remedy: 'fetch-model',
    read: (path) => readCheckpoint(readTextFile(checkpointFile(path)), path),
  },
  'the progress of a deployment': {
    file: 'x.begun.json',
    remedy: 'remove',
    read: (path) => readProgress(path.replace('.begun', '')),
    isOptional: true,
  },
  'the addresses of deployments': {
    file: 'addresses.json',
    remedy: 'move it away',
    read: readAddressBook,
    isOptional: true,
  },
};

const faults: Record<string, { make(path: string): void; says: RegExp }> = {
  'is not there': { make: () => undefined, says: /there is no such file/ },
  'is a folder': { make: (path) => mkdirSync(path), says: /it is a folder, not a file/ },
  'is empty': { make: (path) => writeFileSync(path, ' \n'), says: /it is empty/ },
  'is cut off': { make: (path) => writeFileSync(path, '{"name": "x", "chai'), says: /it is not whole JSON \(/ },
  'is no text': { make: (path) => writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0x80)), says: /it is no text/ },
};
const shapes = ['[]', '3', 'null', '{"x": 1}', '"text"'];

async function failure(act: () => unknown): Promise<TributaryError> {
  const error = await (async () => act())().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(TributaryError).with.property('code', 'CONFIG_INVALID');
  return error as TributaryError;
}

for (const [name, { file, remedy, read, isOptional = false }] of Object.entries(readers)) {
  describe(`the file of ${name}`, () => {
    const newPath = () => join(mkdtempSync(join(tmpdir(), 'tributary-file-')), file);

    for (const [fault, { make, says }] of Object.entries(faults)) {
      it(`that ${fault} says so, and what to do`, async () => {
        const path = newPath();
        make(path);
        if (isOptional && fault === 'is not there') return expect(() => read(path)).not.to.throw();
        const { message } = await failure(() => read(path));
        expect(message).to.match(says).and.to.include(path).and.to.include(remedy);
        expect(message)
          .to.match(/\.$/)
          .and.not.to.match(/undefined|unforeseen|ENOENT|EISDIR/);
      });
    }

    it('that holds JSON of something else names the field that is wrong', async () => {
      for (const shape of shapes) {
        const path = newPath();
        writeFileSync(path, shape);
        const { message, args } = await failure(() => read(path));
        expect(message, shape).not.to.match(/undefined|unforeseen|there is no|it is empty|whole JSON/);
        expect(message).to.include(args.field as string);
      }
    });
  });
}

it('a file that this user may not read says so', () => {
  const file = { name: 'deployment', path: 'x.json', remedy: 'name another' };
  expect(unreadable(file, { code: 'EACCES' }).message).to.equal(
    'deployment: x.json: this user may not read it: name another.',
  );
  expect(unreadable(file, { code: 'EIO' }).message).to.include('it cannot be read (EIO)');
});
