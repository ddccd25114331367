/**
 * A cheat, and faults at random at every call of everybody: no role ends, nothing false is said, and the fraud is caught. A hundred faults;
 * `TRIBUTARY_FAULTS=1000` asks for more.
 */
import { expect } from 'chai';
import { developmentWallet } from '../../client/node/key.ts';
import { createChaos } from '../chain/chaos.ts';
import { type RpcProxy, startProxy } from '../chain/proxy.ts';
import { FederationRun } from './federationRun.ts';

const wanted = Number(process.env.TRIBUTARY_FAULTS ?? 100);
const share = 1 / 8;
const [cheat, honest] = [3, 4];

describe('faults at random, and an attack', () => {
  let run: FederationRun;
  let proxy: RpcProxy;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open({}, { [cheat]: 1000 });
    proxy = await startProxy(run.anvil.url);
  });
  afterEach(async () => {
    await run.close();
    await proxy.stop();
  });

  /** Answers how many faults there were. */
  async function survive(seed: number): Promise<number> {
    const rpc = ['--rpc', proxy.url];
    const adversary = run.start('adversary', cheat, '--attack', 'aggregator', '--attack-round', '1');
    await adversary.event('joined');
    const chaos = createChaos(proxy, seed, share);
    proxy.spoil = chaos.spoil;
    const roles = [
      run.start('watchtower', 5, ...rpc),
      run.start('aggregator', honest, ...rpc),
      run.start('aggregator', 6, ...rpc),
      run.start('trainer', 1, ...rpc),
      run.start('trainer', 2, ...rpc),
    ];
    const said = () => roles.map(({ role, events, stderr }) => `${role}: ${stderr()} ${JSON.stringify(events.at(-1))}`);
    const codes = await Promise.all(roles.map(({ ended }) => ended));
    expect(codes, said().join('\n')).to.deep.equal(roles.map(() => 0));
    const events = roles.flatMap((role) => role.events);
    const cheater = developmentWallet(cheat!).address;
    for (const event of events) {
      if (event.event === 'refuted' || event.event === 'challenged') {
        expect('proposer' in event ? event.proposer : event.offender).to.equal(cheater);
      }
      expect(event.event).to.not.be.oneOf(['stakeLost', 'unproven', 'failed', 'providersDisagree']);
    }
    const caught = events.filter((event) => event.event === 'challenged');
    expect(caught.map(({ offender }) => offender)).to.deep.equal([cheater]);
    await run.finalModelRoot();
    return chaos.total();
  }

  let injected = 0;
  it(`are survived and told truly, and the cheat is caught, until there were ${wanted}`, async () => {
    for (let seed = 1; injected < wanted; seed++) {
      if (seed > 1) {
        await run.close();
        run = new FederationRun();
        await run.open({}, { [cheat]: 1000 });
        await proxy.stop();
        proxy = await startProxy(run.anvil.url);
      }
      injected += await survive(seed);
      if (process.env.TRIBUTARY_SHOW_FIGURES) console.log(`${injected} faults with ${seed} seeds`);
    }
  });
});
