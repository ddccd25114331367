/** For commands that act for an account: a federation on chain, and a key. */
import type { Command } from 'commander';
import { isAddress, parseEther } from 'ethers';
import { connectFederation, type Signed } from '../actions/connect.ts';
import { normalizeAddress } from '../chain/address.ts';
import { TributaryError } from '../core/errors.ts';
import { loadKey } from '../node/key.ts';
import { openSender } from '../node/openSender.ts';
import { type LoadedDeployment, readDeployment } from '../node/readDeployment.ts';
import { addReaderOptions, type ReaderOptions } from './reader.ts';

export interface SignerOptions extends ReaderOptions {
  /** In whose name, where that is a contract: see `openAccount`. */
  account?: string | undefined;
  devAccount?: string;
  keystore?: string;
  /** Of programs that have it from elsewhere: no option of the command line. */
  privateKey?: string;
}

export function addSignerOptions(command: Command): Command {
  return addReaderOptions(command)
    .option('--dev-account <index>', 'key number <index> of the local development chain')
    .option('--keystore <file>', 'encrypted key; the password is read from TRIBUTARY_PASSWORD')
    .addHelpText('after', '\nThe key is read from TRIBUTARY_PRIVATE_KEY, or from --keystore.');
}

/** For what an account that is a contract may do too. */
export function addActingOptions(command: Command): Command {
  return addSignerOptions(command).option(
    '--account <address>',
    'act for this account, which is a contract: the key is its owner’s or its operator’s',
  );
}

/** Opens, synchronises, hands over, closes. Errors: those of the deployment, the key and the chain. */
export async function withSigner<T>(
  options: SignerOptions,
  act: (signed: Signed, deployment: LoadedDeployment) => Promise<T>,
): Promise<T> {
  const deployment = readDeployment(options.deployment);
  const devAccount = options.devAccount === undefined ? undefined : readIndex(options.devAccount);
  const account = options.account === undefined ? undefined : readAddress(options.account, '--account');
  const wallet = await loadKey({ ...options, devAccount }, deployment.chainId);
  const connection = await connectFederation(deployment, options.rpc);
  try {
    const { sender } = await openSender(wallet, account, connection.federation.provider, deployment);
    return await act({ ...connection, sender }, deployment);
  } finally {
    connection.close();
  }
}

/** Tokens, in wei. Errors: CONFIG_INVALID. */
export function readTokens(text: string, decimals = 18): bigint {
  const amountWei = new RegExp(`^\\d{1,30}(\\.\\d{1,${decimals}})?$`).test(text) ? parseEther(text) : 0n;
  if (amountWei > 0n) return amountWei;
  throw new TributaryError(
    'CONFIG_INVALID',
    `<tokens>: "${text}" is not an amount above zero with at most ${decimals} decimals, such as 100 or 0.5.`,
    { args: { field: 'tokens' } },
  );
}

/** As EIP-55 has it, in whatever case it was written. Errors: CONFIG_INVALID. */
export function readAddress(text: string, field: string): string {
  if (isAddress(text.toLowerCase())) return normalizeAddress(text);
  throw new TributaryError('CONFIG_INVALID', `${field}: "${text}" is not an address: 0x and 40 hex digits.`, {
    args: { field },
  });
}

/** Of a development account. Errors: CONFIG_INVALID. */
export function readIndex(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new TributaryError('CONFIG_INVALID', `--dev-account: "${text}" is not a number from 0 to 999.`, {
    args: { field: '--dev-account' },
  });
}
