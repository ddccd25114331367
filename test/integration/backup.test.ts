/** Nodes that go on elsewhere, from copies of their folders: one that was made while they ran, and an old one. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { tributary } from '../cli/tributary.ts';
import { FederationRun, rounds } from './federationRun.ts';

const [trainer, aggregator, withOldCopy] = [2, 3, 4];

describe('a node that is restored', () => {
  let run: FederationRun;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
  });
  afterEach(() => run.close());

  const folderOf = (account: number) => join(run.folder, String(account));
  const copyOf = (account: number) => join(run.folder, 'elsewhere', String(account));
  /** Again where a file has gone meanwhile. */
  function copy(account: number): void {
    for (;;) {
      try {
        cpSync(folderOf(account), copyOf(account), { recursive: true });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  it('goes on from a copy that was made while it ran, and from an old one; nothing is slashed', async () => {
    const keep = ['--keep-updates', 'all'];
    const first = [run.start('aggregator', aggregator, ...keep), run.start('aggregator', withOldCopy)];
    await Promise.all(first.map(({ event }) => event('joined')));
    copy(withOldCopy);
    run.start('trainer', 1);
    const trains = run.start('trainer', trainer);
    await trains.event('submitted', ({ round }) => round === 2);
    // while they work: what is half-written then is no part of the copy
    run.clock.works('test');
    for (const account of [trainer, aggregator]) copy(account);
    for (const account of [trainer, aggregator, withOldCopy]) {
      await run.lose(account);
      rmSync(folderOf(account), { recursive: true });
    }
    const data = (account: number) => ['--data', copyOf(account)];
    const again = [
      run.start('aggregator', aggregator, ...keep, ...data(aggregator)),
      run.start('aggregator', withOldCopy, ...data(withOldCopy)),
      run.start('trainer', trainer, ...data(trainer)),
    ];
    await Promise.all(again.map(({ event }) => event('started')));
    run.clock.leaves('test');
    expect(await Promise.all(again.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);

    const state = await run.federation().sync();
    expect(proposedRounds(state).map(({ final }) => final)).to.deep.equal(Array(rounds).fill(true));
    for (const account of [aggregator, withOldCopy]) {
      expect(state.aggregators.has(developmentWallet(account).address)).to.equal(true);
    }
    for (const { events } of run.processes) {
      expect(events.filter(({ event }) => event === 'stakeLost')).to.deep.equal([]);
    }
    // whoever keeps all updates can show every round, also those before the copy
    const verifying = ['archive', 'verify', '--deployment', run.file, '--data', copyOf(aggregator)];
    const verified = await tributary(verifying);
    expect(verified.code, verified.stdout + verified.stderr).to.equal(0);
  });
});
