/** The command line as a person meets it: a process, what it prints, its exit code. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Command } from 'commander';
import { Wallet } from 'ethers';
import { createAggregatorCommand } from '../../client/aggregator/command.ts';
import { createProgram } from '../../client/cli/program.ts';
import { exitCodes } from '../../client/core/errors.ts';
import { createTrainerCommand } from '../../client/trainer/command.ts';
import { writeSafetensors } from '../../client/training/safetensors.ts';
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

  it('asks a trainer and an evaluator for a source, unless a program of their own knows its data', async () => {
    const of = (role: string, ...more: string[]) =>
      tributary([role, '--data', '/dev/null/x', '--deployment', 'no.json', ...more]);
    const [trainer, evaluator, program, wrong] = await Promise.all([
      of('trainer'),
      of('evaluator'),
      of('trainer', '--engine', 'process:python train.py'),
      of('trainer', '--engine', 'process:'),
    ]);
    for (const { code, stderr } of [trainer, evaluator]) {
      expect([code, stderr]).to.satisfy(() => code === 2 && stderr.includes("required option '--source <data>'"));
    }
    // the deployment is not there
    expect(program.code).to.equal(exitCodes.CONFIG_INVALID);
    expect([wrong.code, wrong.stderr]).to.satisfy(
      () => wrong.code === 2 && /onnx, tfjs, or process: and a command/.test(wrong.stderr),
    );
  });

  it('checks a program, and exits with 1 where it is no engine', async () => {
    const program = fileURLToPath(new URL('../training/process/program.js', import.meta.url));
    const check = (...more: string[]) => tributary(['engine', 'check', '--json', ...more]);
    const folder = mkdtempSync(join(tmpdir(), 'tributary-check-'));
    const model = join(folder, 'model.safetensors');
    writeFileSync(model, writeSafetensors([{ name: 'w', dtype: 'F32', shape: [1], bytes: new Uint8Array(4) }]));
    const [right, wrong, missing] = await Promise.all([
      check('--model', model, '--', process.execPath, program),
      check('--model', model, '--', process.execPath, program, '--fault', 'nan'),
      check('--model', join(folder, 'none'), '--', process.execPath, program),
    ]);
    const findings = ({ stdout }: typeof right) =>
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { what: string; problem?: string });
    expect(right.code).to.equal(0);
    expect(findings(right).filter(({ problem }) => problem !== undefined)).to.deep.equal([]);
    expect(wrong.code).to.equal(1);
    expect(findings(wrong).find(({ problem }) => problem !== undefined)).to.deep.include({ what: 'train' });
    expect(missing.code).to.equal(exitCodes.CONFIG_INVALID);
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
