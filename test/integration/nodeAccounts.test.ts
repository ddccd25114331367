/** A trainer and an aggregator whose accounts are contracts: they take part, and go on with other keys; stake and place stay. */
import { join } from 'node:path';
import { expect } from 'chai';
import { parseEther } from 'ethers';
import { type FederationClient, transact } from '../../client/chain/federation.ts';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { createSender } from '../../client/chain/sender.ts';
import { exitCodes } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { tributary } from '../cli/tributary.ts';
import { FederationRun } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

const owner = 8;
/** By the account in which the run counts them: whose key works first, and whose after it. */
const keys = { trainer: [2, 5], aggregator: [3, 6] } as const;
const addressOf = (index: number) => developmentWallet(index).address;

describe('accounts that are contracts', () => {
  let run: FederationRun;
  let federation: FederationClient;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
    federation = run.federation();
  });
  afterEach(() => run.close());

  async function command(key: number, ...args: string[]): Promise<Record<string, unknown>> {
    const said = await tributary([...args, '--deployment', run.file, '--dev-account', String(key), '--json']);
    expect(said.code, said.stderr + said.stdout).to.equal(0);
    return JSON.parse(said.stdout);
  }

  async function create(operator: number): Promise<string> {
    const keys = ['--owner', addressOf(owner).toLowerCase(), '--operator', addressOf(operator)];
    const { account } = await command(7, 'account', 'create', ...keys);
    const tokens = createSender(developmentWallet(7), run.anvil.provider);
    const { token } = federation.addresses;
    await transact(tokens, 'funding', token, 'TributaryToken', 'transfer', [account, parseEther('3000')]);
    return account as string;
  }

  async function show(account: string): Promise<Record<string, unknown>> {
    const said = await tributary(['account', 'show', '--account', account, '--deployment', run.file, '--json']);
    expect(said.code, said.stderr).to.equal(0);
    return JSON.parse(said.stdout);
  }

  it('take part; their keys are replaced between rounds, and an old key can do nothing', async () => {
    run.clock.works('test');
    const [trainer, aggregator] = await Promise.all([create(keys.trainer[0]), create(keys.aggregator[0])]);
    const start = (role: keyof typeof keys, key: number, account: string) => {
      const data = ['--data', join(run.folder, role), '--account', account];
      // nobody can reach the trainer: it hands its updates in, by its account's signature
      const own = role === 'trainer' ? ['--source', 'mnist:2/2?seed=1', '--listen', 'off'] : [];
      return run.start(role, key, ...data, ...own);
    };
    const others = [run.start('aggregator', 4), run.start('trainer', 1)];
    const first = [start('aggregator', keys.aggregator[0], aggregator!), start('trainer', keys.trainer[0], trainer!)];
    await Promise.all([...others, ...first].map(({ event }) => event('joined')));
    run.clock.leaves('test');
    await others[0]!.event('finalized');
    run.clock.works('test');

    const before = await Promise.all([show(trainer!), show(aggregator!)]);
    expect(before.map(({ roles }) => roles)).to.deep.equal([['trainer'], ['aggregator']]);
    expect(before.map(({ isGenuine }) => isGenuine)).to.deep.equal([true, true]);
    expect(before.map(({ payee }) => payee)).to.deep.equal([addressOf(owner), addressOf(owner)]);
    await run.lose(keys.trainer[0]);
    for (const [role, account] of [
      ['trainer', trainer!],
      ['aggregator', aggregator!],
    ] as const) {
      await command(owner, 'account', 'rotate', '--account', account, '--operator', addressOf(keys[role][1]));
    }
    // what runs with the old key ends when it wants to act, and is not started again
    const second = [start('trainer', keys.trainer[1], trainer!)];
    expect(await endOf(first[0]!)).to.equal(exitCodes.KEY_INVALID);
    const late = start('aggregator', keys.aggregator[0], aggregator!);
    expect([await late.ended, late.events.at(-1)]).to.deep.include(exitCodes.KEY_INVALID);
    expect(late.events.at(-1)).to.deep.include({ event: 'failed', code: 'KEY_INVALID' });
    second.push(start('aggregator', keys.aggregator[1], aggregator!));
    await Promise.all(second.map(({ event }) => event('started')));
    run.clock.leaves('test');
    expect(await Promise.all([...others, ...second].map(({ ended }) => ended))).to.deep.equal([0, 0, 0, 0]);

    const rounds = proposedRounds(await federation.sync());
    expect(rounds.map(({ final }) => final)).to.deep.equal([true, true, true]);
    for (const { proposed } of rounds) expect(proposed.included).to.include(trainer);
    expect(rounds.map(({ proposed }) => proposed.proposer)).to.include(aggregator);
    const after = await Promise.all([show(trainer!), show(aggregator!)]);
    const sameBut = (role: keyof typeof keys) => ({ operator: addressOf(keys[role][1]) });
    expect(after).to.deep.equal([
      { ...before[0], ...sameBut('trainer') },
      { ...before[1], ...sameBut('aggregator') },
    ]);
  });

  it('take part in one process at a time, whichever of their keys that has', async () => {
    const account = await create(keys.trainer[0]);
    const start = (key: number, folder: string) =>
      run.start(
        'trainer',
        key,
        '--account',
        account,
        '--data',
        join(run.folder, folder),
        '--source',
        'mnist:2/2?seed=1',
      );
    const first = start(keys.trainer[0], 'first');
    await first.event('joined');
    for (const key of [keys.trainer[0], owner]) {
      const second = start(key, `second-${key}`);
      const failed = await second.event('failed');
      expect(failed).to.include({ code: 'KEY_IN_USE' });
      expect(failed.message).to.include(`with the key of ${account}: a trainer answers at`);
      expect(await second.ended).to.equal(exitCodes.KEY_IN_USE);
    }
    await first.rests();
    expect(first.events.map(({ event }) => event)).not.to.include('failed');
  });

  /** Its next transaction is refused. */
  async function endOf(process: RoleProcess): Promise<number | null> {
    run.clock.leaves('test');
    const code = await process.ended;
    run.clock.works('test');
    return code;
  }
});
