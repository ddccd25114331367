/** Deploying as a process: what it says, and that it goes on after it was killed. */
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { type RpcProxy, startProxy } from '../chain/proxy.ts';
import { endGroup, spawnGroup } from '../processGroup.ts';
import { tributary } from './tributary.ts';

const launcher = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));

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
      const doctor = await tributary(['doctor', '--deployment', 'there.json'], {}, folder);
      expect(doctor, doctor.stderr).to.include({ code: 0 });
    } finally {
      await other.stop();
    }
  });
});
