/** An aggregator that lies about one coordinate of the model, and the watchtowers that prove it. */
import { expect } from 'chai';
import { developmentWallet } from '../../client/node/key.ts';
import { providerFaults, type RpcProxy, startProxy } from '../chain/proxy.ts';
import { FederationRun } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

const cheat = 3;
const honest = 4;
const bondWei = 1000n * 10n ** 18n;

describe('a wrong aggregate', () => {
  let run: FederationRun;

  beforeEach(async () => {
    run = new FederationRun();
    // no second bond for the cheat, with which it could come back
    await run.open({}, { [cheat]: 1000 });
  });
  afterEach(() => run.close());

  /** The cheat joins before the honest aggregator, so that the first turn of the two is known. */
  async function stage(): Promise<{ aggregator: RoleProcess; adversary: RoleProcess }> {
    const adversary = run.start('adversary', cheat, '--attack', 'aggregator', '--attack-round', '1');
    await adversary.event('joined');
    const aggregator = run.start('aggregator', honest);
    await aggregator.event('joined');
    run.start('trainer', 1);
    run.start('trainer', 2);
    return { aggregator, adversary };
  }

  /** Transactions that an account has sent. */
  function sent(account: number): Promise<number> {
    return run.anvil.provider.getTransactionCount(developmentWallet(account).address);
  }

  it('is proven on chain by the watchtower, and the rounds go on from the last good model', async () => {
    const watchtower = run.start('watchtower', 5);
    const { aggregator } = await stage();
    const { round, proposer } = await watchtower.event('refuted');
    expect(proposer).to.equal(developmentWallet(cheat).address);
    const challenged = await watchtower.event('challenged');
    expect(challenged.proof).to.equal('refuteModelChunk');
    expect(challenged.offender).to.equal(proposer);
    expect(BigInt(challenged.takenWei)).to.equal(bondWei);
    expect(BigInt(challenged.earnedWei)).to.equal(bondWei / 2n);

    const verified = await watchtower.event('verified', (event) => event.round === round);
    expect(verified.proposer).to.equal(developmentWallet(honest).address);
    expect(await aggregator.ended).to.equal(0);
    expect(await watchtower.ended).to.equal(0);
    await run.finalModelRoot();
  });

  it('is proven in time by a watchtower that was killed in the middle of the window', async () => {
    const killed = run.start('watchtower', 5);
    await stage();
    await killed.event('refuted');
    await killed.kill();
    const restarted = run.start('watchtower', 5);
    const challenged = await restarted.event('challenged');
    expect(BigInt(challenged.takenWei)).to.equal(bondWei);
    expect(await restarted.ended, restarted.stderr()).to.equal(0);
    await run.finalModelRoot();
  });

  it('is proven once, at the cost of one, where several watch', async () => {
    const watchtowers = [5, 6, 7].map((account) => run.start('watchtower', account, '--listen', 'off'));
    const before = await Promise.all([5, 6, 7].map(sent));
    await stage();
    await Promise.all(watchtowers.map((watchtower) => watchtower.event('refuted')));
    const first = await Promise.race(watchtowers.map((watchtower) => watchtower.event('challenged')));
    expect(BigInt(first.earnedWei)).to.equal(bondWei / 2n);
    expect(await Promise.all(watchtowers.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    const challenges = watchtowers.flatMap(({ events }) => events.filter(({ event }) => event === 'challenged'));
    expect(challenges).to.have.length(1);
    const after = await Promise.all([5, 6, 7].map(sent));
    // one announcement and one challenge; of who was as fast, an announcement in vain at most
    const spent = after.map((count, index) => count - before[index]!).sort();
    expect(spent.at(-1)).to.equal(2);
    expect(spent[1]!).to.be.at.most(1);
  });
});

describe('a wrong aggregate, and a provider that fails', () => {
  const run = new FederationRun();
  let proxy: RpcProxy;

  before(async () => {
    await run.open({ challengeSeconds: 30, answerSeconds: 3 }, { [cheat]: 1000 });
    proxy = await startProxy(run.anvil.url);
  });
  after(async () => {
    await run.close();
    await proxy.stop();
  });

  it('is proven by the watchtower, at each of whose calls in the middle of the challenge it fails', async () => {
    const watchtower = run.start('watchtower', 5, '--rpc', proxy.url);
    const faults = Object.values(providerFaults);
    const failed = new Set<string>();
    const ofChallenge = ['eth_estimateGas', 'eth_getBalance', 'eth_sendRawTransaction', 'eth_getTransactionReceipt'];
    const sent = () => run.anvil.provider.getTransactionCount(developmentWallet(5).address);
    // what it sends after its endpoint is of the challenge
    await watchtower.event('started');
    while ((await sent()) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    proxy.spoil = ({ method }) => {
      if (!ofChallenge.includes(method) || failed.has(method)) return undefined;
      failed.add(method);
      return faults[failed.size];
    };
    const adversary = run.start('adversary', cheat, '--attack', 'aggregator', '--attack-round', '1');
    await adversary.event('joined');
    const trainers = [1, 2].map((trainer) => run.start('trainer', trainer));
    await Promise.all(trainers.map((trainer) => trainer.event('submitted')));
    await watchtower.event('refuted');
    const challenged = await watchtower.event('challenged');
    expect(challenged.offender).to.equal(developmentWallet(cheat).address);
    expect([...failed]).to.have.members(ofChallenge);
    expect(watchtower.child.exitCode).to.equal(null);
    // with the announcement of the endpoint and that of the challenge
    expect(await sent()).to.equal(3);
  });
});
