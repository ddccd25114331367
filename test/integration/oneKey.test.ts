/** Two processes with one key: one of them takes part, and nobody serves under a round what the chain does not hold. */
import { join } from 'node:path';
import { expect } from 'chai';
import { CID } from 'multiformats/cid';
import { transact } from '../../client/chain/federation.ts';
import { createSender } from '../../client/chain/sender.ts';
import { digestOfCid } from '../../client/core/cid.ts';
import { exitCodes } from '../../client/core/errors.ts';
import { toHex } from '../../client/core/hash.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { FederationRun, rounds } from './federationRun.ts';
import { type RoleProcess, startRole } from './processes.ts';

const account = developmentWallet(1).address;
const many = ['--rounds', '1000'];

describe('one key', () => {
  let run: FederationRun;
  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
  });
  afterEach(() => run.close());

  /** Of account 1, on other data, in a folder of its own; the chain's clock knows nothing of it. */
  function startOther(...more: string[]): RoleProcess {
    const args = ['--deployment', run.file, '--data', join(run.folder, 'other'), '--dev-account', '1'];
    const source = ['--source', 'mnist:2/3?seed=4', '--poll-ms', '100', ...many];
    const other = startRole('trainer', [...args, ...source, ...more]);
    run.processes.push(other);
    return other;
  }

  async function expectKeyInUse(process: RoleProcess, sentence: RegExp): Promise<void> {
    const failed = await process.event('failed');
    expect(failed).to.include({ code: 'KEY_IN_USE', exitCode: exitCodes.KEY_IN_USE });
    expect(failed.message).to.match(sentence);
    expect(await process.ended).to.equal(exitCodes.KEY_IN_USE);
  }

  async function expectServedIsSubmitted(...processes: RoleProcess[]): Promise<void> {
    const state = await run.federation().sync();
    const served = processes.flatMap(({ events }) => events.filter((event) => event.event === 'served'));
    for (const { round, cid } of served) {
      const submission = state.rounds.get(round)!.submissions.get(account)!;
      expect(toHex(digestOfCid(CID.parse(cid)))).to.equal(toHex(submission.cid));
    }
  }

  it('is taken by the process that is there: the second ends, and all rounds go on', async () => {
    const first = run.start('trainer', 1);
    await first.event('joined');
    const second = startOther();
    await expectKeyInUse(
      second,
      new RegExp(
        `with the key of ${account}: a trainer answers at http://127\\.0\\.0\\.1:\\d+, as instance [0-9a-f]{32}\\.`,
      ),
    );
    expect(second.events.map(({ event }) => event)).to.deep.equal(['started', 'failed']);
    const others = [run.start('trainer', 2), run.start('aggregator', 3)];
    expect(await Promise.all([first, ...others].map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
    expect(first.events.filter(({ event }) => event === 'served')).to.have.length(rounds);
    await expectServedIsSubmitted(first);
  });

  it('is free when its process was killed: the next takes part at once, in the same folder or another', async () => {
    const aggregator = run.start('aggregator', 3, ...many);
    const slow = run.start('trainer', 2, ...many);
    const first = run.start('trainer', 1, ...many);
    // round 1 does not close before the other trainer has submitted
    await slow.event('roundStarted', ({ round }) => round === 1);
    await slow.kill();
    await first.event('submitted', ({ round }) => round === 1);
    await first.kill();
    const elsewhere = startOther();
    await elsewhere.rests();
    expect(elsewhere.events.map(({ event }) => event))
      .to.include('started')
      .and.not.to.include('failed');
    await expectKeyInUse(run.start('trainer', 1, ...many), /a trainer answers at/);
    await elsewhere.kill();
    const again = run.start('trainer', 1, ...many);
    run.start('trainer', 2, ...many);
    await again.event('served', ({ round }) => round === 1);
    await aggregator.event('proposed', ({ round }) => round === 1);
    await expectServedIsSubmitted(elsewhere, again);
  });

  it('of two that start at once is kept by one of them', async () => {
    const both = [run.start('trainer', 1, ...many), startOther()];
    const loser = await Promise.race(both.map(async (process) => process.event('failed').then(() => process)));
    await expectKeyInUse(loser, /a trainer answers at/);
    const winner = both.find((process) => process !== loser)!;
    // who has joined meanwhile has done so for both
    await winner.rests();
    expect(winner.events.map(({ event }) => event)).not.to.include('failed');
    const { endpoint } = await winner.event('started');
    expect((await run.federation().sync()).endpoints.get(account)).to.equal(endpoint);
  });

  it('of processes that nobody can reach is kept by the one whose submission the chain has', async () => {
    const off = ['--listen', 'off'];
    const both = [run.start('trainer', 1, ...many, ...off), startOther(...off)];
    run.start('trainer', 2, ...many);
    run.start('aggregator', 3, ...many);
    const loser = await Promise.race(both.map(async (process) => process.event('failed').then(() => process)));
    await expectKeyInUse(
      loser,
      /transaction 0x[0-9a-f]{64} has submitted to round \d+, and this process did not send it/,
    );
    const winner = both.find((process) => process !== loser)!;
    await winner.event('served');
    expect(winner.events.map(({ event }) => event)).not.to.include('failed');
    await expectServedIsSubmitted(...both);
  });

  it('of evaluators that nobody can reach is kept by the one whose commitment the chain has', async () => {
    const args = ['--source', 'mnist?set=heldOut&seed=1', '--listen', 'off', ...many];
    const first = run.start('evaluator', 6, ...args);
    const others = [
      '--deployment',
      run.file,
      '--data',
      join(run.folder, 'other'),
      '--dev-account',
      '6',
      '--poll-ms',
      '100',
    ];
    const second = startRole('evaluator', [
      ...others,
      ...args.slice(0, 1),
      'mnist?set=heldOut&seed=2',
      ...args.slice(2),
    ]);
    run.processes.push(second);
    await Promise.all([first, second].map((process) => process.event('started')));
    await first.rests();
    for (const number of [3, 1, 2]) run.start(number === 3 ? 'aggregator' : 'trainer', number, ...many);
    const both = [first, second];
    const loser = await Promise.race(both.map(async (process) => process.event('failed').then(() => process)));
    await expectKeyInUse(loser, /has committed to scores of round \d+, and this process did not send it/);
    const winner = both.find((process) => process !== loser)!;
    await winner.event('scoresRevealed');
    expect(winner.events.map(({ event }) => event)).not.to.include('failed');
  });

  it('of an archive is taken by one; archives without a key are as many as one likes', async () => {
    const start = (folder: string, ...key: string[]) => {
      const archive = startRole('archive', ['--deployment', run.file, '--data', join(run.folder, folder), ...key]);
      run.processes.push(archive);
      return archive;
    };
    const first = start('first', '--dev-account', '5');
    await first.rests();
    await expectKeyInUse(start('second', '--dev-account', '5'), /an archive answers at/);
    for (const keyless of [start('third'), start('fourth')]) {
      expect(await keyless.event('started')).to.include({ account: '' });
      await keyless.rests();
    }
    expect(first.events.map(({ event }) => event)).not.to.include('failed');
  });

  it('announced by another is announced again where nobody answers there, and once only', async () => {
    const first = run.start('trainer', 1, ...many);
    const { endpoint } = await first.event('started');
    await first.event('joined');
    const federation = run.federation();
    const sender = createSender(developmentWallet(1), run.anvil.provider);
    const announce = (text: string) =>
      transact(sender, 'announcing', federation.addresses.federation, 'Federation', 'announceEndpoint', [text]);
    await announce('http://127.0.0.1:1');
    expect(await first.event('displaced')).to.include({ endpoint: 'http://127.0.0.1:1' });
    while ((await federation.sync()).endpoints.get(account) !== endpoint) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await announce('http://127.0.0.1:2');
    await expectKeyInUse(first, /it has announced http:\/\/127\.0\.0\.1:2/);
    expect((await federation.sync()).endpoints.get(account)).to.equal('http://127.0.0.1:2');
  });
});
