/** A package that is not installed is named, with the command that installs it; what fails otherwise stays what it is. */
import { createRequire } from 'node:module';
import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import { importOptional } from '../../client/core/optional.ts';
import { expectError } from '../storage/expectError.ts';

const absent: string = 'tributary-has-no-such-package';

describe('an optional package', () => {
  for (const [how, load] of [
    ['imported', () => import(absent)],
    ['resolved', async () => createRequire(import.meta.url).resolve(absent)],
  ] as const) {
    it(`says what to install where it is missing and ${how}`, async () => {
      const packages = ['one', '@two/three'];
      const error = await expectError(() => importOptional('the moon', packages, load), 'PACKAGE_MISSING');
      expect(error.message).to.equal('Tributary needs another package for the moon: run `npm install one @two/three`.');
      expect(error.args).to.deep.equal({ packages });
      expect(error.exitCode).to.equal(exitCodes.PACKAGE_MISSING).and.to.equal(39);
      expect((error.cause as Error).message).to.include(absent);
    });
  }

  it('that fails by itself fails with its own error', async () => {
    for (const failure of [new Error('broken'), Object.assign(new Error('denied'), { code: 'EACCES' })]) {
      const outcome = await importOptional('the moon', ['one'], () => Promise.reject(failure)).catch((error) => error);
      expect(outcome).to.equal(failure);
    }
  });

  it('is what the load answers where it is there', async () => {
    expect(await importOptional('the moon', ['one'], async () => 5)).to.equal(5);
  });
});
