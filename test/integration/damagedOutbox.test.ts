/** A trainer that was killed between submitting and serving, and whose update was damaged meanwhile: it says so, serves nothing, and goes on. */
import { existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { FederationRun } from './federationRun.ts';

const many = ['--rounds', '1000'];

describe('a damaged outbox', () => {
  let run: FederationRun;
  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
  });
  afterEach(() => run.close());

  it('costs its round and nothing more', async () => {
    run.start('aggregator', 3, ...many);
    const slow = run.start('trainer', 2, ...many);
    const trainer = run.start('trainer', 1, ...many);
    await slow.event('roundStarted', ({ round }) => round === 1);
    await slow.kill();
    await trainer.event('submitted', ({ round }) => round === 1);
    await trainer.kill();
    const update = join(run.folder, '1', 'outbox', '1.update');
    truncateSync(update);
    const again = run.start('trainer', 1, ...many);
    run.start('trainer', 2, ...many);
    const said = await again.event('damaged');
    expect(said).to.include({ file: update, keptAs: `${update}.damaged` });
    expect(existsSync(`${update}.damaged`)).to.equal(true);
    await again.event('served', ({ round }) => round > 1);
    expect(again.events.some((event) => event.event === 'served' && event.round === 1)).to.equal(false);
  });
});
