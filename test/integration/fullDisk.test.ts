/** Roles whose disk is full: none ends, and all rounds are made when there is room again. */
import { execFileSync } from 'node:child_process';
import { openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { endGroup, spawnGroup } from '../processGroup.ts';
import { FederationRun } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

/** No file of the process grows beyond so much; every write fails then as on a full disk (EFBIG). */
function limitFiles({ child }: Pick<RoleProcess, 'child'>, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
}

describe('a full disk', () => {
  let run: FederationRun;
  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
  });
  afterEach(() => run.close());

  it('ends no process that logs to it: lines are lost until there is room', async () => {
    const log = join(run.folder, 'log');
    const args = ['--deployment', run.file, '--data', join(run.folder, 'logs'), '--dev-account', '4', '--json'];
    const main = fileURLToPath(new URL('../../client/aggregator/main.ts', import.meta.url));
    // longer than any other file that the process writes
    writeFileSync(log, '\n'.repeat(2 ** 20));
    const output = openSync(log, 'a');
    const limited = [`--fsize=${statSync(log).size}:unlimited`, process.execPath, main, ...args];
    const child = spawnGroup('prlimit', limited, { stdio: ['ignore', output, 'ignore'] });
    try {
      const logged = async (text: string) => {
        while (!readFileSync(log, 'utf8').includes(text)) await new Promise((resolve) => setTimeout(resolve, 50));
      };
      for (const account of [1, 2]) run.start('trainer', account);
      // it joins, cannot say so, and goes on
      const federation = run.federation();
      while (proposedRounds(await federation.sync()).length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      limitFiles({ child }, 'unlimited');
      child.kill('SIGTERM');
      await logged('"stopped"');
      expect(readFileSync(log, 'utf8')).not.to.include('"joined"');
    } finally {
      await endGroup(child);
    }
  });

  it('ends no role: each says so, tries again, and goes on when there is room', async () => {
    const evaluator = run.start('evaluator', 6, '--source', 'mnist?set=heldOut&seed=1');
    const aggregator = run.start('aggregator', 3);
    const trainer = run.start('trainer', 1);
    const full = [evaluator, aggregator, trainer];
    await Promise.all(full.map((process) => process.event('joined')));
    for (const process of full) limitFiles(process, '1');
    const other = run.start('trainer', 2);
    // one after the other: what the first does not write the next cannot hold
    for (const process of full.toReversed()) {
      const { reason } = await process.event('retrying', ({ code }) => code === 'DISK_FULL');
      expect(reason).to.match(/^There is no room left to write in \S+ \(EFBIG\): free some space/);
      limitFiles(process, 'unlimited');
    }
    expect(await Promise.all([...full, other].map(({ ended }) => ended))).to.deep.equal([0, 0, 0, 0]);
  });
});
