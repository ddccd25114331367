/** The edges of a process: configuration, key, folder. Each failure has one sentence and an exit code of its own. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Command } from 'commander';
import { Wallet } from 'ethers';
import { type ErrorCode, exitCodes, TributaryError } from '../../client/core/errors.ts';
import { decodeManifest, encodeManifest, weightOfSamples } from '../../client/core/task.ts';
import { openFolder } from '../../client/node/folder.ts';
import { developmentWallet, loadKey } from '../../client/node/key.ts';
import { addNodeOptions, parseNodeOptions } from '../../client/node/options.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { smallManifest } from '../chain/federation.ts';
import { allAt } from '../deployment/deploymentFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-edges-'));

function expectError(action: () => unknown, code: ErrorCode, message: RegExp): void {
  try {
    action();
  } catch (error) {
    expect(error).to.be.instanceOf(TributaryError);
    expect((error as TributaryError).code).to.equal(code);
    expect((error as TributaryError).message).to.match(message);
    return;
  }
  expect.fail(`nothing was thrown, ${code} was expected`);
}

async function expectRejection(action: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  const failure = await action.then(
    () => () => undefined,
    (error: unknown) => () => {
      throw error;
    },
  );
  expectError(failure, code, message);
}

describe('exit codes', () => {
  it('are each the code of one error', () => {
    const codes = Object.values(exitCodes);
    expect(new Set(codes).size).to.equal(codes.length);
    expect(codes.every((code) => code > 1 && code < 256)).to.equal(true);
  });
});

describe('the deployment file', () => {
  it('must exist', () => {
    expectError(() => readDeployment(join(folder, 'none.json')), 'CONFIG_INVALID', /deploy first/);
  });
  it('names the wrong field and what it wants', () => {
    const file = join(folder, 'wrong.json');
    const address = developmentWallet(1).address;
    writeFileSync(
      file,
      JSON.stringify({ name: 'x', chainId: 1, token: address, stake: '0x12', federation: address, deployBlock: 0 }),
    );
    expectError(() => readDeployment(file), 'CONFIG_INVALID', /deployment\.stake: an address/);
  });
  it('gives the paths of the blobs beside it', () => {
    const file = join(folder, 'right.json');
    const address = developmentWallet(1).address;
    const content = { name: 'x', chainId: 1, ...allAt(address), deployBlock: 0, blobs: ['b/m'] };
    writeFileSync(file, JSON.stringify(content));
    expect(readDeployment(file).blobs).to.deep.equal([join(folder, 'b/m')]);
  });
});

describe('the key', () => {
  const saved = { ...process.env };
  afterEach(() => {
    for (const name of ['TRIBUTARY_PRIVATE_KEY', 'TRIBUTARY_PASSWORD']) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
  });

  it('is not a development key on any other chain', async () => {
    await expectRejection(loadKey({ devAccount: 1 }, 1329), 'KEY_INVALID', /everybody knows/);
  });
  it('must be given', async () => {
    delete process.env.TRIBUTARY_PRIVATE_KEY;
    await expectRejection(loadKey({}, 1), 'KEY_INVALID', /set TRIBUTARY_PRIVATE_KEY/);
  });
  it('must be a private key, and the error does not repeat it', async () => {
    process.env.TRIBUTARY_PRIVATE_KEY = '0x1234secret';
    const error = await loadKey({}, 1).catch((reason: TributaryError) => reason);
    expect((error as TributaryError).code).to.equal('KEY_INVALID');
    expect((error as TributaryError).message).to.not.contain('1234secret');
  });
  it('is read from an encrypted keystore with its password', async () => {
    const wallet = developmentWallet(2);
    const file = join(folder, 'key.json');
    writeFileSync(file, new Wallet(wallet.privateKey).encryptSync('password'));
    delete process.env.TRIBUTARY_PASSWORD;
    await expectRejection(loadKey({ keystore: file }, 1), 'KEY_INVALID', /TRIBUTARY_PASSWORD/);
    process.env.TRIBUTARY_PASSWORD = 'wrong';
    await expectRejection(loadKey({ keystore: file }, 1), 'KEY_INVALID', /cannot be opened/);
    process.env.TRIBUTARY_PASSWORD = 'password';
    expect((await loadKey({ keystore: file }, 1)).address).to.equal(wallet.address);
  }).timeout(60_000);
});

describe('the data folder', () => {
  it('is used by one process at a time', () => {
    const data = join(folder, 'data');
    const { release } = openFolder(data);
    expectError(() => openFolder(data), 'FOLDER_IN_USE', /another process/);
    release();
    openFolder(data).release();
  });
  it('must be a folder that can be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const name of [file, join(file, 'below'), '/dev/null/below']) {
      const sentence =
        /^The data folder \S+, or the one that it is in, cannot be written \(E\w+\): choose another with --data\.$/;
      expectError(() => openFolder(name), 'FOLDER_NOT_WRITABLE', sentence);
    }
  });
  if (process.getuid?.() !== 0) {
    it('must be writable by who runs the process, with the folder that it is in', () => {
      const outer = join(folder, 'outer');
      const inner = join(outer, 'inner');
      mkdirSync(inner, { recursive: true });
      for (const closed of [inner, outer]) {
        chmodSync(closed, 0o500);
        expectError(() => openFolder(inner), 'FOLDER_NOT_WRITABLE', /choose another/);
        chmodSync(closed, 0o700);
      }
      openFolder(inner).release();
    });
  }
  it('that cannot be written is not said to be in use, and is not locked', () => {
    const data = join(folder, 'stuck');
    mkdirSync(join(data, 'process.json'), { recursive: true });
    expectError(
      () => openFolder(data),
      'FOLDER_NOT_WRITABLE',
      /cannot be written \(EISDIR\): move \S+process\.json elsewhere/,
    );
    rmdirSync(join(data, 'process.json'));
    openFolder(data).release();
  });
  it('whose lock was lost is held again, unless another process has it', async () => {
    const data = join(folder, 'lost');
    for (const isTaken of [false, true]) {
      const first = openFolder(data);
      first.hold();
      rmdirSync(`${data}.lock`);
      const second = isTaken ? openFolder(data) : undefined;
      if (second === undefined) {
        // it is looked at every two seconds
        while (!existsSync(`${data}.lock`)) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          first.hold();
        }
        expectError(() => openFolder(data), 'FOLDER_IN_USE', /another process/);
      }
      second?.release();
      first.release();
    }
  });
  it('of another version of Tributary is left alone', () => {
    const data = join(folder, 'future');
    mkdirSync(data);
    const owner = JSON.stringify({ format: 3, pid: 1, host: 'elsewhere' });
    writeFileSync(join(data, 'process.json'), owner);
    const sentence =
      /^The data folder \S+ was written by another version of Tributary \(its format is 3, this version's 2\): run that version, or choose another folder with --data\.$/;
    for (const _ of [1, 2]) expectError(() => openFolder(data), 'FOLDER_OTHER_VERSION', sentence);
    expect(readFileSync(join(data, 'process.json'), 'utf8')).to.equal(owner);
    expect(existsSync(`${data}.lock`)).to.equal(false);
  });
  it('of this version is taken, and of one that did not say, or died while it did', () => {
    for (const [index, owner] of ['{"format":1}', '{}', '{"pid":', ''].entries()) {
      const data = join(folder, `past${index}`);
      mkdirSync(data);
      writeFileSync(join(data, 'process.json'), owner);
      openFolder(data).release();
      expect(JSON.parse(readFileSync(join(data, 'process.json'), 'utf8'))).to.include({ format: 2, pid: process.pid });
    }
  });
});

describe('options', () => {
  const right = {
    deployment: 'd.json',
    data: 'd',
    store: 'embedded',
    kuboApi: 'http://127.0.0.1:5001',
    kuboGateway: 'http://127.0.0.1:8080',
    listen: '127.0.0.1:0',
    pollMs: 500,
  };
  it('are taken when right', () => {
    expect(parseNodeOptions(right).listen).to.equal('127.0.0.1:0');
    const amounts = { maxFeeGwei: 30, maxSpend: '0.05' };
    expect(parseNodeOptions({ ...right, ...amounts })).to.include({ maxFeeGwei: '30', maxSpend: '0.05' });
  });
  for (const [field, value, wants] of [
    ['rpc', 'localhost', /option\.rpc: an http or https address/],
    ['listen', '4800', /option\.listen: host:port/],
    ['store', 'ftp', /option\.store/],
    ['rounds', 0, /option\.rounds/],
    ['keepUpdates', 0, /option\.keepUpdates: a number of rounds, 1 or more, or all/],
    [
      'keepUpdates',
      'some',
      /option\.keepUpdates: a number of rounds, 1 or more, or all, or a time such as 36h or 365d/,
    ],
    ['keepUpdates', '0d', /option\.keepUpdates/],
    ['keepUpdates', '1.5d', /option\.keepUpdates/],
    ['keepUpdates', '10 d', /option\.keepUpdates/],
    ['keepUpdates', '365', /option\.keepUpdates/],
    ['account', '0x12', /option\.account: an address/],
    ['rpc', ['http://127.0.0.1:1', 'localhost'], /option\.rpc: an http or https address/],
    ['maxFeeGwei', 'cheap', /option\.maxFeeGwei: an amount such as/],
    ['maxFeeGwei', -1, /option\.maxFeeGwei: an amount such as/],
    ['maxSpend', 1e-12, /option\.maxSpend: an amount such as/],
  ] as const) {
    it(`names ${field} when it is ${JSON.stringify(value)}`, () => {
      expectError(() => parseNodeOptions({ ...right, [field]: value }), 'CONFIG_INVALID', wants);
    });
  }
});

describe('what is left out of the options', () => {
  const defaults = {
    store: 'embedded',
    kuboApi: 'http://127.0.0.1:5001',
    kuboGateway: 'http://127.0.0.1:8080',
    listen: '127.0.0.1:0',
    pollMs: 500,
    topUp: false,
    keepUpdates: 2,
    json: false,
  };
  function fromCommandLine(...flags: string[]): unknown {
    const command = addNodeOptions(new Command())
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    return parseNodeOptions(command.parse(['--data', 'd', ...flags], { from: 'user' }).opts());
  }

  it('has the same default for a program as on the command line', () => {
    const given = { deployment: 'deployments/localhost.json', data: 'd' };
    expect(parseNodeOptions(given)).to.deep.equal({ ...given, ...defaults });
    expect(fromCommandLine()).to.deep.equal(parseNodeOptions(given));
  });
  it('is what a program gives where it gives one, as on the command line', () => {
    for (const [keepUpdates, flags] of [
      [7, ['--keep-updates', '7']],
      ['all', ['--keep-updates', 'all']],
    ] as const) {
      const given = { deployment: 'deployments/localhost.json', data: 'd', keepUpdates };
      expect(fromCommandLine(...flags)).to.deep.equal({ ...given, ...defaults, keepUpdates });
      expect(parseNodeOptions(given)).to.deep.equal(fromCommandLine(...flags));
    }
    for (const [text, seconds] of [
      ['90m', 5400],
      ['36h', 129_600],
      ['365d', 31_536_000],
    ] as const) {
      expect(fromCommandLine('--keep-updates', text)).to.deep.include({ keepUpdates: { seconds } });
    }
    expect(() => fromCommandLine('--keep-updates', 'some')).to.throw(/--keep-updates <rounds>' argument 'some'/);
  });
  it('is read again as it is', () => {
    for (const keepUpdates of ['all', 7, '36h'] as const) {
      const once = parseNodeOptions({ deployment: 'd.json', data: 'd', keepUpdates });
      expect(parseNodeOptions(once)).to.deep.equal(once);
    }
  });
});

describe('the task manifest', () => {
  it('survives being written and read, whatever the order of its keys', () => {
    const bytes = encodeManifest(smallManifest);
    const { seed, ...rest } = smallManifest;
    expect(encodeManifest({ seed, ...rest })).to.deep.equal(bytes);
    expect(decodeManifest(bytes)).to.deep.equal(smallManifest);
  });
  it('names the wrong field', () => {
    const wrong = { ...smallManifest, training: { ...smallManifest.training, learningRate: -1 } };
    const bytes = new TextEncoder().encode(JSON.stringify(wrong));
    expectError(() => decodeManifest(bytes), 'CONFIG_INVALID', /task\.training\.learningRate/);
  });
  it('weighs samples by unit, within bounds', () => {
    expect(weightOfSamples(1500, 100, 65_535)).to.equal(15);
    expect(weightOfSamples(3, 100, 65_535)).to.equal(1);
    expect(weightOfSamples(1e9, 100, 65_535)).to.equal(65_535);
  });
});
