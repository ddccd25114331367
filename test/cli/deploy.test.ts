/** Deploying as a process: what it says, and that it goes on after it was killed. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { createNode } from '../../client/training/onnx/node.ts';
import { floatTensor } from '../../client/training/onnx/tensor.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { type RpcProxy, startProxy } from '../chain/proxy.ts';
import { endGroup, spawnGroup } from '../processGroup.ts';
import { onnxFile } from '../training/onnx/given.ts';
import { tributary } from './tributary.ts';

const launcher = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));

/** From two columns to ten classes. */
function linearModel(weight: number): Uint8Array {
  const nodes = [createNode('MatMul', ['x', 'w'], ['y'])];
  const initializers = { w: floatTensor([2, 10], Array(20).fill(weight)) };
  return onnxFile({ nodes, initializers, input: ['batch', 2] });
}

describe('tributary deploy', () => {
  let anvil: Anvil;
  let proxy: RpcProxy;
  let folder: string;
  let args: string[];

  beforeEach(async () => {
    anvil = await startAnvil();
    proxy = await startProxy(anvil.url);
    folder = mkdtempSync(join(tmpdir(), 'tributary-deploy-'));
    args = ['deploy', '--rpc', proxy.url, '--dev-account', '0', '--output', 'here.json'];
    expect(await tributary(['init'], {}, folder)).to.include({ code: 0 });
  });
  afterEach(async () => {
    await proxy.stop();
    await anvil.stop();
  });

  /** As SIGKILL leaves it when its transaction number `count` has arrived. */
  async function deployAndDie(count: number, more: readonly string[]): Promise<void> {
    let transactions = 0;
    const child = spawnGroup(process.execPath, [launcher, ...args, ...more], { cwd: folder, stdio: 'ignore' });
    proxy.spoil = ({ method }) => {
      if (method !== 'eth_sendRawTransaction' || ++transactions < count) return undefined;
      child.kill('SIGKILL');
      return { kind: 'close', late: true };
    };
    try {
      await once(child, 'close');
      expect(child.signalCode).to.equal('SIGKILL');
    } finally {
      await endGroup(child);
    }
  }

  it('goes on with --resume after it was killed, says what was done before, and does nothing twice', async () => {
    await deployAndDie(1, []);
    await deployAndDie(18, ['--resume']);
    proxy.spoil = () => undefined;

    const begun = await tributary(args, {}, folder);
    expect(begun).to.include({ code: exitCodes.CONFIG_INVALID });
    expect(begun.stderr).to.match(
      /here\.json was begun by 0x\w{40} .*\d+ of 43 steps.*--resume.*remove here\.begun\.json/,
    );

    const { code, stdout } = await tributary([...args, '--resume'], {}, folder);
    expect(code).to.equal(0);
    const steps = stdout.split('\n').filter((line) => / of 43 {2}/.test(line));
    expect(steps).to.have.lengthOf(43);
    expect(steps[0]).to.match(/^ {3}1 of 43 {2}TributaryToken at 0x\w{40} \(done before\)$/);
    expect(steps.at(-1)).to.match(/^ {2}43 of 43 {2}Federation at 0x\w{40}$/);
    expect(await anvil.provider.getTransactionCount(developmentWallet(0).address)).to.equal(43);
    expect(existsSync(join(folder, 'here.begun.json'))).to.equal(false);

    const doctor = await tributary(['doctor', '--deployment', 'here.json'], {}, folder);
    expect(doctor).to.include({ code: 0, stderr: '' });
    const again = await tributary([...args, '--resume'], {}, folder);
    expect(again.code).to.equal(exitCodes.CONFIG_INVALID);
    expect(again.stderr).to.include('no deployment of here.json was begun');
  });

  it('takes what init writes as it is, with a keystore on a chain that is not the development chain', async () => {
    const other = await startAnvil('--chain-id', '1234');
    try {
      const { privateKey } = developmentWallet(3);
      const env = { TRIBUTARY_PASSWORD: 'correct horse', TRIBUTARY_PRIVATE_KEY: privateKey };
      expect(await tributary(['keys', '--import', '--output', 'key.json'], env, folder)).to.include({ code: 0 });
      const key = ['--keystore', 'key.json', '--output', 'there.json', '--rpc', other.url];
      const deployed = await tributary(['deploy', ...key], { TRIBUTARY_PASSWORD: 'correct horse' }, folder);
      expect(deployed, deployed.stderr).to.include({ code: 0, stderr: '' });
      expect(deployed.stdout).to.match(
        /The model trains 199,210 parameters in 6 tensors: layer1\.weight \[784,200\], /,
      );
      const doctor = await tributary(['doctor', '--deployment', 'there.json'], {}, folder);
      expect(doctor, doctor.stderr).to.include({ code: 0 });
    } finally {
      await other.stop();
    }
  });

  it('foresees what a person may write, before anything costs gas, and shows no key of an address', async () => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    writeFileSync(join(folder, 'nan.json'), '{ "model": { "kind": "onnx", "file": "nan.onnx", "inputShape": [2] } }');
    writeFileSync(join(folder, 'nan.onnx'), linearModel(Number.NaN));
    const { CONFIG_INVALID, MODEL_INVALID, FOLDER_NOT_WRITABLE, CHAIN_UNREACHABLE, ACCOUNT_NO_FUNDS } = exitCodes;
    const key = '0123456789abcdef';
    const wrong: [string[], number, string][] = [
      [['init', '--file', 'file/tributary.json'], FOLDER_NOT_WRITABLE, 'The folder file cannot be written'],
      [['deploy', '--dev-account', 'first'], CONFIG_INVALID, '--dev-account: "first" is not a number'],
      [[...args, '--output', 'folder'], CONFIG_INVALID, '--output: folder is a folder: name the file to write'],
      [[...args, '--output', 'file/here.json'], FOLDER_NOT_WRITABLE, 'The folder file cannot be written'],
      [[...args, '--config', 'folder'], CONFIG_INVALID, 'config: folder: it is a folder, not a file'],
      [[...args, '--config', 'nan.json'], MODEL_INVALID, 'the tensor "w" holds NaN'],
      [[...args, '--dev-account', '999'], ACCOUNT_NO_FUNDS, "send it some of the chain's currency"],
      [
        ['deploy', '--rpc', `http://me:${key}@127.0.0.1:9/v3/${key}?k=${key}`],
        CHAIN_UNREACHABLE,
        'No chain answers at http://…@127.0.0.1:9/v3/…?… (',
      ],
    ];
    const outcomes = await Promise.all(wrong.map(([command]) => tributary(command, {}, folder)));
    for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
      const [, expected, sentence] = wrong[index]!;
      expect(stderr)
        .to.include(sentence)
        .and.not.to.match(/unforeseen|\n.*\n/);
      expect(code).to.equal(expected);
      expect(stdout + stderr).not.to.include(key);
    }
    expect(await anvil.provider.getTransactionCount(developmentWallet(0).address)).to.equal(0);
    // an account that could pay for nothing has begun nothing
    expect(existsSync(join(folder, 'here.begun.json'))).to.equal(false);
  });
});
