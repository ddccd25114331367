/** A test that fails is seen to fail, also where mocha's workers must send a bigint. */
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { endGroup, spawnGroup } from './processGroup.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const failing = `
it('differs', () => { throw Object.assign(new Error('1 is not 2'), { actual: [1n], expected: [2n], showDiff: true }); });
it('holds itself', () => { const error = new Error('in a circle', { cause: 3n }); throw Object.assign(error, { error, all: { error } }); });
`;

describe('a failing test of a worker', () => {
  it('is shown as it failed, whatever its error holds', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tributary-failing-')), 'failing.test.mjs');
    writeFileSync(file, failing);
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
    const child = spawnGroup(process.execPath, [mocha, '--parallel', '--jobs', '2', file], { cwd: root });
    let said = '';
    child.stdout!.on('data', (data) => {
      said += data;
    });
    try {
      const [code] = (await once(child, 'close')) as [number];
      expect(code, said).to.equal(2);
      for (const part of ['2 failing', '1 is not 2', '"1n"', '"2n"', 'in a circle']) expect(said).to.include(part);
    } finally {
      await endGroup(child);
    }
  });
});
