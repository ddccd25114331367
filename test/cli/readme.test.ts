/** The README's commands, run as they stand there, on a chain of this machine whose clock the test moves. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Command } from 'commander';
import { createAggregatorCommand } from '../../client/aggregator/command.ts';
import { createArchiveCommand } from '../../client/archive/command.ts';
import { connectChain } from '../../client/chain/connect.ts';
import { createProgram } from '../../client/cli/program.ts';
import { createVerifyArchiveCommand } from '../../client/cli/verifyArchive.ts';
import { createEvaluatorCommand } from '../../client/evaluator/command.ts';
import { createTrainerCommand } from '../../client/trainer/command.ts';
import { createWatchtowerCommand } from '../../client/watchtower/command.ts';
import { freePort } from '../chain/anvil.ts';
import { endGroup, hasEnded, spawnGroup } from '../processGroup.ts';
import { allCommands, commandsBelow } from './readme.ts';
import { tributary } from './tributary.ts';

const launcher = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));
const roles = ['trainer', 'aggregator', 'watchtower', 'evaluator'];

/** What runs until it is ended. */
function isProcess([name, ...more]: readonly string[]): boolean {
  return roles.includes(name!) || (name === 'archive' && more[0]!.startsWith('--'));
}

describe('the commands of the README', () => {
  let folder: string;
  let port: number;
  const processes = new Map<string, { child: ChildProcess; said: () => string }>();

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-readme-'));
    port = await freePort();
  });
  afterEach(async () => {
    for (const { child } of processes.values()) if (!hasEnded(child)) await endGroup(child);
    processes.clear();
  });

  /** Where several tests run at once, the chain has another port than the README's. */
  function onOwnPort(args: readonly string[]): string[] {
    if (args[0] === 'chain') return [...args, '--port', String(port)];
    return args[0] === 'deploy' ? [...args, '--rpc', `http://127.0.0.1:${port}`] : [...args];
  }

  /** In the background, as in a terminal of its own. */
  function start(args: readonly string[]): void {
    const child = spawnGroup(process.execPath, [launcher, ...onOwnPort(args)], { cwd: folder });
    let said = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (data) => {
        said += data;
      });
    }
    const number = [...processes.keys()].filter((name) => name.startsWith(args[0]!)).length + 1;
    processes.set(`${args[0]} ${number}`, { child, said: () => said });
  }

  async function hear(name: string, sentence: RegExp): Promise<void> {
    const { child, said } = processes.get(name)!;
    while (!sentence.test(said())) {
      if (hasEnded(child)) throw new Error(`${name} ended without ${sentence}: ${said()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function passTime(seconds: number): Promise<void> {
    const provider = await connectChain(`http://127.0.0.1:${port}`);
    await provider.send('evm_increaseTime', [seconds]);
    await provider.send('evm_mine', []);
    provider.destroy();
  }

  async function run(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await tributary(onOwnPort(args), {}, folder);
    expect(code, `${args.join(' ')}: ${stderr}`).to.equal(0);
    return stdout;
  }

  /** Stake is held while a round that it stands for is not settled. */
  async function withdraw(args: readonly string[]): Promise<string> {
    await passTime(86_400);
    for (;;) {
      const { code, stdout, stderr } = await tributary(args, {}, folder);
      if (code === 0) return stdout;
      expect(stderr).to.include('not settled yet');
      // the rewards of each round are final an hour after they were stated
      await passTime(3700);
    }
  }

  /** The clock is moved while rounds are open, and a slow machine is to miss none of them. */
  function neverLate(): void {
    const file = join(folder, 'tributary.json');
    const config = readFileSync(file, 'utf8');
    expect(config).to.match(/"submissionSeconds": \d+/);
    writeFileSync(file, config.replace(/"submissionSeconds": \d+/, '"submissionSeconds": 1000000'));
  }

  async function startChain(): Promise<void> {
    start(['chain']);
    await hear('chain 1', /A chain answers/);
  }

  it('run a federation by hand, pay it, and read and claim what it has earned', async () => {
    const commands = commandsBelow('By hand');
    const before = commands.findIndex(([name]) => name === 'status');
    expect(commands[0]).to.deep.equal(['chain']);
    for (const args of commands.slice(0, before)) {
      if (args[0] === 'chain') await startChain();
      else if (isProcess(args)) {
        start(args);
        // who joins late decides about later rounds only
        if (args[0] === 'aggregator' || args[0] === 'evaluator') await hear(`${args[0]} 1`, /joined the federation/);
      } else await run(args);
      if (args[0] === 'init') neverLate();
    }
    await hear('aggregator 1', /round 1: proposed model/);
    await hear('evaluator 1', /round 1: committed to the scores/);
    await hear('watchtower 1', /round 1: recomputed the proposal of .* it is right/);
    expect(await run(['status'])).to.match(/Round 1 is final from .*, unless the proposal of aggregator 0x/);
    await passTime(1500);
    await hear('evaluator 1', /round 1: revealed the scores/);
    await passTime(2200);
    await hear(
      'aggregator 1',
      /round 1: stated rewards of 70\.0 tokens for 3 trainers, 20\.0 tokens for 1 evaluator, 10\.0 tokens for the aggregator/,
    );
    await passTime(3700);
    await hear('aggregator 1', /round 1: its rewards can be claimed/);

    const said = new Map<string, string>();
    for (const args of commands.slice(before)) {
      // what takes minutes is tried elsewhere
      if (args[0]!.startsWith('simulate')) continue;
      if (args[0] === 'archive') await hear('archive 1', /round 1: archived/);
      said.set(args.slice(0, 2).join(' '), args[0] === 'withdraw' ? await withdraw(args) : await run(args));
    }
    expect(said.get('fetch-model --output')).to.match(/The model of round [1-9]\d* has the root that the chain names/);
    expect(said.get('rewards explain')).not.to.include('WRONG');
    expect(said.get('claim --dev-account')).to.match(/\d/);
    expect([...said.keys()]).to.include.members(['status', 'rewards', 'stake 100', 'unstake all', 'withdraw --role']);
  });

  it('bring a change to the vote, decide it and carry it out', async () => {
    await startChain();
    for (const args of commandsBelow('By hand').filter(([name]) => ['init', 'deploy', 'fund'].includes(name!))) {
      await run(args);
    }
    const waits: Record<string, number> = { vote: 3, queue: 30, execute: 6 };
    const commands = commandsBelow('Governance');
    for (const args of commands) {
      await passTime(waits[args[1] ?? ''] ?? 0);
      await run(args);
    }
    expect(commands.map(([, act]) => act)).to.include.members(['delegate', 'propose', 'vote', 'queue', 'execute']);
    expect(await run(['governance', 'parameters'])).to.match(/minimumStake +│ 200 tokens/);
  });

  it('are commands that there are, with options that there are', () => {
    const parts = [
      createArchiveCommand().addCommand(createVerifyArchiveCommand()),
      createTrainerCommand(),
      createAggregatorCommand(),
      createEvaluatorCommand(),
      createWatchtowerCommand(),
    ];
    const program = createProgram(parts);
    const commands = allCommands();
    expect(commands).to.have.length.above(30);
    for (const args of commands) {
      let command: Command = program;
      const rest = [...args];
      for (let next = find(command, rest[0]); next !== undefined; next = find(command, rest[0])) {
        command = next;
        rest.shift();
      }
      expect(command, args.join(' ')).not.to.equal(program);
      const flags = rest.filter((word) => word.startsWith('--') && word !== '--help').map((word) => word.split('=')[0]);
      // the options of a process stand at the command that runs where none is named
      const known = [command, find(command, 'run')].flatMap((one) => one?.options.map(({ long }) => long) ?? []);
      expect(known, `${args.join(' ')}: its options`).to.include.members(flags);
    }
  });

  function find(command: Command, name: string | undefined): Command | undefined {
    return command.commands.find((other) => other.name() === name);
  }
});
