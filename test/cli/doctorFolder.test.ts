/** `tributary doctor --data` on the folders of real processes: what is whole, what is damaged, what the chain has of it. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import type { Problem } from '../../client/node/doctor/report.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { seal } from '../../client/storage/seal.ts';
import { FederationRun } from '../integration/federationRun.ts';
import { tributary } from './tributary.ts';

interface Examined {
  good: Record<string, number>;
  problems: Problem[];
  inUse: boolean;
  account: string;
  freeBytes: number;
}

describe('tributary doctor --data', () => {
  let run: FederationRun;
  let data: string;
  let uses: string;
  let repairsUsed: number;
  before(async () => {
    run = new FederationRun();
    await run.open();
    run.start('aggregator', 3, '--rounds', '1000');
    const slow = run.start('trainer', 2, '--rounds', '1000');
    const trainer = run.start('trainer', 1, '--rounds', '1000');
    await slow.event('roundStarted', ({ round }) => round === 1);
    await slow.kill();
    await trainer.event('submitted', ({ round }) => round === 1);
    uses = (await doctor('--data', join(run.folder, '1'), '--json')).stdout;
    repairsUsed = (await doctor('--data', join(run.folder, '1'), '--repair')).code;
    await Promise.all(run.processes.map((process) => process.kill()));
  });
  after(async () => {
    await run.close();
    rmSync(run.folder, { recursive: true });
  });
  beforeEach(() => {
    data = join(run.folder, 'copy');
    rmSync(data, { recursive: true, force: true });
    cpSync(join(run.folder, '1'), data, { recursive: true });
  });

  const doctor = (...args: string[]) => tributary(['doctor', ...args]);

  async function examine(code: number, ...args: string[]): Promise<Examined> {
    const outcome = await doctor('--data', data, '--json', ...args);
    expect(outcome.code, outcome.stdout + outcome.stderr).to.equal(code);
    return JSON.parse(outcome.stdout.split('\n')[0]!) as Examined;
  }

  it('says that all is well, whose folder it is and how much room is left, also while a process uses it', async () => {
    const used = JSON.parse(uses) as Examined;
    expect(repairsUsed).to.equal(exitCodes.FOLDER_IN_USE);
    expect(used).to.include({ inUse: true, account: developmentWallet(1).address });
    const { good, inUse, freeBytes } = await examine(0);
    expect([good.update, inUse]).to.deep.equal([1, false]);
    expect(good.pin).to.be.above(0);
    expect(freeBytes).to.be.above(0);
    expect((await doctor('--data', data)).stdout).to.match(/whole: 1 update, .*\nAll is well\.\n$/s);
  });

  it('names each file that is damaged, mends the folder where it is asked to, and ends well then', async () => {
    const update = join(data, 'outbox', '1.update');
    writeFileSync(update, readFileSync(update).subarray(0, 100));
    const [pin] = readdirSync(join(data, 'blobs', 'pins'));
    rmSync(join(data, 'blobs', 'blocks'), { recursive: true });
    writeFileSync(join(data, 'process.json'), '{"for');
    const { problems } = await examine(exitCodes.FOLDER_DAMAGED);
    const files = problems.map(({ file }) => file);
    expect(files).to.include.members([update, join(data, 'blobs', 'pins', pin!), join(data, 'process.json')]);
    const told = await doctor('--data', data);
    expect(told.stdout).to.include(
      `WRONG  update ${update}: its 100 bytes do not end in their checksum; this node does not serve`,
    );
    expect(told.stderr).to.match(/^\d things are wrong in \S+; first, at \S+: .* Run this again with --repair\.\n$/);
    expect((await examine(0, '--repair')).problems).to.deep.equal([]);
    expect([existsSync(update), existsSync(`${update}.damaged`)]).to.deep.equal([false, true]);
    await examine(0);
  });

  it('compares the folder with the chain: what was submitted must be in the outbox or the store, to the byte', async () => {
    const chain = ['--deployment', run.file];
    expect((await examine(0, ...chain)).good['submitted update']).to.equal(1);
    const update = join(data, 'outbox', '1.update');
    writeFileSync(update, seal(new Uint8Array(readFileSync(update).length - 73)));
    const [changed] = (await examine(exitCodes.FOLDER_DAMAGED, ...chain)).problems;
    expect(changed!.problem).to.equal('the chain has other bytes for round 1');
    await examine(0);
    // set aside, it is missing all the same
    const [left] = (await examine(exitCodes.FOLDER_DAMAGED, ...chain, '--repair')).problems;
    expect(left!.problem).to.match(/submitted to round 1, and neither outbox nor store has the update/);
    expect(existsSync(`${update}.damaged`)).to.equal(true);
  });

  it('refuses what is no data folder, and to repair no folder', async () => {
    const outcome = await doctor('--data', join(run.folder, 'faults.blobs'));
    expect(outcome.code).to.equal(exitCodes.CONFIG_INVALID);
    expect((await doctor('--data', join(run.folder, 'none'))).code).to.equal(exitCodes.CONFIG_INVALID);
    expect((await doctor('--repair')).code).to.equal(exitCodes.USAGE);
  });
});
