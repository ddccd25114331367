/** What a person gets wrong: each ends the process with one sentence and an exit code of its own, and nothing is lost. */

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ErrorCode, exitCodes } from '../../client/core/errors.ts';
import { freePort } from '../chain/anvil.ts';
import { FederationRun } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

async function expectFailure(process: RoleProcess, code: ErrorCode, message: RegExp): Promise<void> {
  expect(await process.ended, JSON.stringify(process.events)).to.equal(exitCodes[code]);
  const failed = process.events.at(-1)!;
  expect(failed.event).to.equal('failed');
  if (failed.event !== 'failed') return;
  expect(failed.code).to.equal(code);
  expect(failed.exitCode).to.equal(exitCodes[code]);
  expect(failed.message).to.match(message);
  expect(failed.message).to.not.contain('\n');
}

describe('a process that meets bad input', () => {
  const run = new FederationRun();

  before(() => run.open());
  after(() => run.close());

  function changedDeployment(change: Record<string, unknown>): string {
    const file = join(run.folder, `${Object.keys(change)[0]}.json`);
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(run.file, 'utf8')), ...change }));
    return file;
  }

  it('goes on where the chain cannot be reached', async () => {
    const rpc = `http://127.0.0.1:${await freePort()}`;
    const aggregator = run.start('aggregator', 3, '--rpc', rpc);
    const { step, reason } = await aggregator.event('retrying');
    expect(step).to.equal('connecting to the chain');
    expect(reason).to.match(/npx tributary chain/);
    await aggregator.event('retrying', (event) => event !== aggregator.events[0]);
    await aggregator.kill('SIGTERM');
    expect(await aggregator.ended).to.equal(0);
  });

  it('ends with its own exit code on a wrong chain id', async () => {
    const file = changedDeployment({ chainId: 1329 });
    const wrong = run.start('aggregator', 3, '--deployment', file);
    await expectFailure(wrong, 'KEY_INVALID', /everybody knows/);
    const withKey = run.start('aggregator', 3, '--deployment', changedDeployment({ name: 'other', chainId: 31338 }));
    await expectFailure(withKey, 'KEY_INVALID', /31338/);
  });

  it('ends with its own exit code on a contract that is not there', async () => {
    const file = changedDeployment({ stake: `0x${'12'.repeat(20)}` });
    await expectFailure(run.start('aggregator', 3, '--deployment', file), 'CONTRACT_MISSING', /no stake contract/);
  });

  it('ends with its own exit code on an account without tokens for the stake', async () => {
    await expectFailure(run.start('aggregator', 9), 'NOT_ELIGIBLE', /1000\.0 tokens/);
  });

  it('ends with its own exit code on a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expectFailure(
      run.start('aggregator', 3, '--listen', `127.0.0.1:${port}`),
      'PORT_IN_USE',
      new RegExp(`${port}`),
    );
    server.close();
  });

  it('ends with its own exit code on a data folder in use by another process, which goes on undisturbed', async () => {
    const first = run.start('watchtower', 5);
    await first.event('started');
    await expectFailure(run.start('watchtower', 5), 'FOLDER_IN_USE', /another process/);
    expect(first.child.exitCode).to.equal(null);
    await first.kill('SIGTERM');
    expect(await first.ended).to.equal(0);
  });

  describe('as a trainer', () => {
    before(async () => {
      await run.start('aggregator', 3).event('joined');
    });

    it('ends with its own exit code on data that the task does not describe, before it stakes', async () => {
      const csv = join(run.folder, 'a.csv');
      writeFileSync(csv, 'age,outcome\n3,1\n4,0\n');
      const trainer = run.start('trainer', 1, '--source', `csv:${csv}`);
      await expectFailure(trainer, 'CONFIG_INVALID', /does not describe its data/);
      expect(trainer.events.some(({ event }) => event === 'joined')).to.equal(false);
    });

    it('ends with its own exit code on an option that the task decides', async () => {
      const source = `csv:${join(run.folder, 'a.csv')}?label=outcome`;
      await expectFailure(
        run.start('trainer', 1, '--source', source),
        'CONFIG_INVALID',
        /label: the task's description/,
      );
    });
  });
});
