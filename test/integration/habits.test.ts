/** A federation of processes behind nodes as people use them: whatever these answer, no role ends, and the model is the same to the bit. */
import { expect } from 'chai';
import { habits } from '../chain/habits.ts';
import { type RpcProxy, startProxy } from '../chain/proxy.ts';
import { FederationRun, rounds } from './federationRun.ts';

describe('a federation behind', () => {
  let run: FederationRun;
  let proxy: RpcProxy | undefined;
  let undisturbed: { root: string; ms: number };

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
  });
  afterEach(async () => {
    await run.close();
    await proxy?.stop();
    proxy = undefined;
  });

  async function grow(rpc?: string): Promise<{ root: string; ms: number }> {
    const startedAt = Date.now();
    const more = rpc === undefined ? [] : ['--rpc', rpc];
    const watchtower = run.start('watchtower', 5, ...more);
    const roles = [
      run.start('trainer', 1, ...more),
      run.start('trainer', 2, ...more),
      run.start('aggregator', 3, ...more),
      run.start('aggregator', 4, ...more),
    ];
    const codes = await Promise.all([...roles, watchtower].map(({ ended }) => ended));
    expect(codes, [...roles, watchtower].map(({ stderr }) => stderr()).join('')).to.deep.equal([0, 0, 0, 0, 0]);
    expect(watchtower.events.filter(({ event }) => event === 'verified')).to.have.length(rounds);
    return { root: await run.finalModelRoot(), ms: Date.now() - startedAt };
  }

  before(async () => {
    const quiet = new FederationRun();
    await quiet.open();
    run = quiet;
    undisturbed = await grow();
    await quiet.close();
  });

  const chosen =
    process.env.TRIBUTARY_ALL_HABITS === undefined
      ? ['lagging', 'HTTP 429', 'words of Nethermind']
      : Object.keys(habits);
  for (const name of chosen) {
    it(`a node with this habit grows the same model: ${name}`, async () => {
      proxy = await startProxy(run.anvil.url);
      proxy.spoil = habits[name]!(proxy);
      const { root, ms } = await grow(proxy.url);
      expect(root).to.equal(undisturbed.root);
      if (process.env.TRIBUTARY_SHOW_FIGURES === undefined) return;
      const retries = run.processes.flatMap(({ events }) => events.filter((event) => event.event === 'retrying'));
      console.log(`${name}: ${(ms / undisturbed.ms).toFixed(2)} times as long, ${retries.length} retries said`);
      for (const { step, reason } of retries.slice(0, 8)) console.log(`  ${step}: ${reason}`);
    });
  }
});
