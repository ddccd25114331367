/** The command line as a person meets it: a process, what it prints, its exit code. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Command } from 'commander';
import { Wallet } from 'ethers';
import { createAggregatorCommand } from '../../client/aggregator/command.ts';
import { createProgram } from '../../client/cli/program.ts';
import { exitCodes } from '../../client/core/errors.ts';
import { createTrainerCommand } from '../../client/trainer/command.ts';
import { createWatchtowerCommand } from '../../client/watchtower/command.ts';
import { allAt } from '../deployment/deploymentFile.ts';
import { type Outcome, tributary as run } from './tributary.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-cli-'));

function tributary(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return run(args, env, folder);
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

describe('the command line', () => {
  it('has help and --json on every command', async () => {
    const roles = [createTrainerCommand(), createAggregatorCommand(), createWatchtowerCommand()];
    const { commands } = createProgram(roles);
    expect(commands.map((command) => command.name())).to.include.members(['trainer', 'start', 'status', 'fetch-model']);
    for (const command of commands) {
      expect(command.helpInformation()).to.include(`Usage: tributary ${command.name()}`);
      expect(command.description()).to.have.length.above(20);
    }
    for (const command of commands.flatMap(leavesOf)) expect(command.helpInformation()).to.include('--json');
    const { code, stdout } = await tributary(['start', '--help']);
    expect(code).to.equal(0);
    expect(stdout).to.include('Usage: tributary start').and.to.include('--trainers <count>');
    const all = await tributary(['--help']);
    expect(all.stdout).to.include('aggregator').and.not.to.include('adversary');
  });

  it('answers wrong usage with code 2 and what is wrong', async () => {
    const [option, command, missing] = await Promise.all([
      tributary(['start', '--trainer', '3']),
      tributary(['strat']),
      tributary(['trainer']),
    ]);
    expect([option.code, command.code, missing.code]).to.deep.equal([2, 2, 2]);
    expect(option.stderr).to.include("unknown option '--trainer'").and.to.include('--trainers');
    expect(command.stderr).to.include("unknown command 'strat'").and.to.include('start');
    expect(missing.stderr).to.include("required option '--data <folder>'");
  });

  it('answers bad values with one sentence and a code of their own, with --json with one event', async () => {
    const [plain, json] = await Promise.all([
      tributary(['start', '--rounds', 'many']),
      tributary(['start', '--rounds', 'many', '--json']),
    ]);
    const sentence = '--rounds: "many" is not a whole number from 1 to 100000.';
    expect(plain).to.deep.equal({ code: exitCodes.CONFIG_INVALID, stdout: '', stderr: `${sentence}\n` });
    expect(json.code).to.equal(exitCodes.CONFIG_INVALID);
    expect(JSON.parse(json.stdout)).to.include({ event: 'failed', code: 'CONFIG_INVALID', message: sentence });
  });

  it('tells a chain that does not answer apart from a deployment that is not there', async () => {
    const zero = `0x${'00'.repeat(20)}`;
    const deployment = { name: 'x', chainId: 1, ...allAt(zero), deployBlock: 0 };
    writeFileSync(join(folder, 'deployment.json'), JSON.stringify(deployment));
    const [unreachable, missing, data] = await Promise.all([
      tributary(['status', '--deployment', 'deployment.json', '--rpc', 'http://127.0.0.1:9']),
      tributary(['fetch-model', '--deployment', 'none.json']),
      tributary(['start', '--data', 'parquet:x']),
    ]);
    expect(unreachable.code).to.equal(exitCodes.CHAIN_UNREACHABLE);
    expect(unreachable.stderr).to.include('http://127.0.0.1:9').and.to.include('--rpc');
    expect(missing.code).to.equal(exitCodes.CONFIG_INVALID);
    expect(missing.stderr).to.include('none.json').and.to.include('deploy');
    expect(data.code).to.equal(exitCodes.CONFIG_INVALID);
    expect(data.stderr).to.include('parquet:x').and.to.include('csv:');
  });

  it('writes a configuration with init once, and never over another', async () => {
    const first = await tributary(['init', '--name', 'hospitals']);
    expect(first.code, first.stderr).to.equal(0);
    expect(readFileSync(join(folder, 'tributary.json'), 'utf8')).to.include('"name": "hospitals"');
    const second = await tributary(['init']);
    expect(second.code).to.equal(exitCodes.CONFIG_INVALID);
    expect(second.stderr).to.include('exists already');
  });

  it('writes a keystore with keys that only its owner may read, and that the password opens', async () => {
    const key = `0x${'11'.repeat(32)}`;
    const env = { TRIBUTARY_PRIVATE_KEY: key, TRIBUTARY_PASSWORD: 'correct horse' };
    const [made, weak] = await Promise.all([
      tributary(['keys', '--import', '--output', 'keys/a.json', '--json'], env),
      tributary(['keys', '--output', 'keys/b.json'], { TRIBUTARY_PASSWORD: 'short' }),
    ]);
    expect(made.code, made.stderr).to.equal(0);
    const path = join(folder, 'keys/a.json');
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    const wallet = await Wallet.fromEncryptedJson(readFileSync(path, 'utf8'), env.TRIBUTARY_PASSWORD);
    expect(wallet.privateKey).to.equal(key);
    expect(JSON.parse(made.stdout)).to.deep.equal({ account: wallet.address, file: 'keys/a.json' });
    expect(weak.code).to.equal(exitCodes.KEY_INVALID);
  });
});
