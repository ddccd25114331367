/** Processes follow what was decided: a pause, another plan, an ejection, and whole votes on a running federation. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { encodeBytes32String } from 'ethers';
import { transact } from '../../client/chain/federation.ts';
import { createSender } from '../../client/chain/sender.ts';
import { contractInterface, type MethodName } from '../../client/contracts/contracts.ts';
import { digestOfCid } from '../../client/core/cid.ts';
import { toHex } from '../../client/core/hash.ts';
import { encodeManifest } from '../../client/core/task.ts';
import { demonstrateGovernance } from '../../client/localnet/demo/governance.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { tributary } from '../cli/tributary.ts';
import { FederationRun, manifest, rounds } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

const guardian = developmentWallet(6);
const pauseSeconds = 300;
const otherPlan = { ...manifest, name: 'slower digits', training: { ...manifest.training, learningRate: 0.05 } };

describe('a governed federation of processes', () => {
  let run: FederationRun;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open({}, {}, { guardian: guardian.address });
  });
  afterEach(() => run.close());

  /** As a vote would, whose execution is tested elsewhere. */
  async function decide(method: MethodName<'Policy'>, args: readonly unknown[]): Promise<void> {
    const { provider } = run.anvil;
    const { policy, governance } = readDeployment(run.file);
    const from = governance.treasury;
    await provider.send('anvil_setBalance', [from, '0xde0b6b3a7640000']);
    await provider.send('anvil_impersonateAccount', [from]);
    const data = contractInterface('Policy').encodeFunctionData(method, args);
    await provider.send('eth_sendTransaction', [{ from, to: policy, data }]);
  }

  function startAll(): Record<'aggregator' | 'first' | 'second', RoleProcess> {
    return { aggregator: run.start('aggregator', 3), first: run.start('trainer', 1), second: run.start('trainer', 2) };
  }

  it('says that it is paused, and goes on by itself when the pause is over', async () => {
    const { aggregator, first } = startAll();
    await aggregator.event('proposed');
    const { policy } = readDeployment(run.file);
    // the chain's clock waits until the pause has been seen
    run.clock.works('test');
    await transact(createSender(guardian, run.anvil.provider), 'pausing', policy, 'Policy', 'pause', [pauseSeconds]);
    await aggregator.event('waiting', (event) => event.for.includes("the guardian's pause"));
    const status = await tributary(['status', '--deployment', run.file]);
    expect(status.stdout).to.include("The next round waits for the end of the guardian's pause");
    await run.anvil.provider.send('evm_increaseTime', [pauseSeconds]);
    run.clock.leaves('test');
    await aggregator.event('proposed', ({ round }) => round === rounds);
    expect(await first.ended, first.stderr()).to.equal(0);
  });

  it('says that it is retired, which is no failure', async () => {
    const { aggregator, first } = startAll();
    await aggregator.event('proposed');
    await decide('retire', []);
    await first.event('waiting', (event) => event.for.includes('a vote has retired the federation'));
    const status = await tributary(['status', '--deployment', run.file]);
    expect(status.code, status.stderr).to.equal(0);
    expect(status.stdout).to.include('a vote has retired the federation');
  });

  it('trains by another plan from the next round boundary on', async () => {
    const bytes = encodeManifest(otherPlan);
    serveBeside(run.file, bytes);
    const { aggregator, first, second } = startAll();
    await aggregator.event('proposed');
    await decide('setDocument', [encodeBytes32String('manifest'), toHex(digestOfCid((await buildDag(bytes)).root))]);
    await first.event('planChanged', ({ name }) => name === otherPlan.name);
    await second.event('planChanged', ({ name }) => name === otherPlan.name);
    await aggregator.event('proposed', ({ round }) => round === rounds);
  });

  it('ends the process of an ejected account, without a failure, and goes on', async () => {
    const { aggregator, first, second } = startAll();
    await aggregator.event('proposed');
    await decide('eject', [developmentWallet(2).address]);
    await second.event('ejected');
    expect(await second.ended, second.stderr()).to.equal(0);
    // who is started again joins no more
    const again = run.start('trainer', 2);
    expect(await again.ended, again.stderr()).to.equal(0);
    expect(again.events.map(({ event }) => event))
      .to.include('ejected')
      .and.not.include('joined');
    await aggregator.event('proposed', ({ round }) => round === rounds);
    expect(await first.ended, first.stderr()).to.equal(0);
  });
});

describe('npm run demo:governance', () => {
  it('shows four votes, of which each ends as it must', async () => {
    const lines: string[] = [];
    const missing = await demonstrateGovernance((line) => lines.push(line));
    expect(missing, lines.join('\n')).to.deep.equal([]);
    expect(lines.filter((line) => line.startsWith('✔')).length).to.be.greaterThan(10);
  });
});

/** Puts a blob beside the deployment, as one does who proposes it. */
function serveBeside(file: string, bytes: Uint8Array): void {
  const deployment = JSON.parse(readFileSync(file, 'utf8')) as { blobs: string[] };
  mkdirSync(join(file, '..', 'more'), { recursive: true });
  writeFileSync(join(file, '..', 'more', 'manifest.json'), bytes);
  writeFileSync(file, JSON.stringify({ ...deployment, blobs: [...deployment.blobs, 'more/manifest.json'] }));
}
