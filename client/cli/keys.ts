import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { Wallet } from 'ethers';
import { TributaryError } from '../core/errors.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

interface KeysOptions {
  output: string;
  import?: boolean;
  json?: boolean;
}

export function createKeysCommand(): Command {
  const command = new Command('keys')
    .description('creates an encrypted keystore for a process')
    .option('--output <file>', 'where to write it', 'tributary.keystore.json')
    .option('--import', 'encrypt the key in TRIBUTARY_PRIVATE_KEY instead of a new one')
    .addHelpText('after', '\nThe password is read from TRIBUTARY_PASSWORD, or asked for.');
  return addJsonOption(command).action(action(createKeystore));
}

async function createKeystore({ output, import: imported, json }: KeysOptions): Promise<void> {
  if (existsSync(output)) {
    throw new TributaryError(
      'KEY_INVALID',
      `--output: ${output} exists already, and may hold a key: choose another name.`,
    );
  }
  const wallet = imported ? importedWallet() : new Wallet(Wallet.createRandom().privateKey);
  const password = process.env.TRIBUTARY_PASSWORD ?? (await askPassword());
  if (password.length < 8) throw new TributaryError('KEY_INVALID', 'The password wants at least 8 characters.');
  writeWhole(output, `${await wallet.encrypt(password)}\n`, { mode: 0o600, exclusive: true });
  if (json) printJson({ account: wallet.address, file: output });
  else print(`Wrote ${output}, the encrypted key of ${wallet.address}. Use it with --keystore ${output}.`);
}

function importedWallet(): Wallet {
  try {
    return new Wallet(process.env.TRIBUTARY_PRIVATE_KEY ?? '');
  } catch (cause) {
    throw new TributaryError(
      'KEY_INVALID',
      'TRIBUTARY_PRIVATE_KEY is not a private key: it must be 0x and 64 hex digits.',
      {
        cause,
      },
    );
  }
}

async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new TributaryError('KEY_INVALID', 'No terminal to ask for the password: set TRIBUTARY_PASSWORD.');
  }
  // what is typed is not shown
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    process.stderr.write('Password: ');
    const password = await prompt.question('');
    process.stderr.write('\nOnce more: ');
    const again = await prompt.question('');
    process.stderr.write('\n');
    if (password !== again) throw new TributaryError('KEY_INVALID', 'The two passwords differ: start again.');
    return password;
  } finally {
    prompt.close();
  }
}
