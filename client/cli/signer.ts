/** For commands that act for an account: a federation on chain, and a key. */
import type { Command } from 'commander';
import { parseEther } from 'ethers';
import { checkDeployment, connectChain } from '../chain/connect.ts';
import { type FederationClient, openFederation } from '../chain/federation.ts';
import { openRewards, type RewardsClient } from '../chain/rewards.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import { TributaryError } from '../core/errors.ts';
import { type LoadedDeployment, readDeployment, rpcUrlOf } from '../node/deployment.ts';
import { loadKey } from '../node/key.ts';
import { addReaderOptions, type ReaderOptions } from './reader.ts';

export interface SignerOptions extends ReaderOptions {
  devAccount?: string;
  keystore?: string;
}

export interface Signed {
  deployment: LoadedDeployment;
  federation: FederationClient;
  rewards: RewardsClient;
  sender: Sender;
}

export function addSignerOptions(command: Command): Command {
  return addReaderOptions(command)
    .option('--dev-account <index>', 'key number <index> of the local development chain')
    .option('--keystore <file>', 'encrypted key; the password is read from TRIBUTARY_PASSWORD')
    .addHelpText('after', '\nThe key is read from TRIBUTARY_PRIVATE_KEY, or from --keystore.');
}

/** Opens, synchronises, hands over, closes. Errors: those of the deployment, the key and the chain. */
export async function withSigner<T>(options: SignerOptions, act: (signed: Signed) => Promise<T>): Promise<T> {
  const deployment = readDeployment(options.deployment);
  const devAccount = options.devAccount === undefined ? undefined : readIndex(options.devAccount);
  const wallet = await loadKey({ devAccount, keystore: options.keystore }, deployment.chainId);
  const provider = await connectChain(rpcUrlOf(deployment, options.rpc));
  try {
    await checkDeployment(provider, deployment);
    const federation = openFederation(provider, deployment, deployment.deployBlock);
    const rewards = openRewards(provider, deployment, deployment.deployBlock);
    await Promise.all([federation.sync(), rewards.sync()]);
    return await act({ deployment, federation, rewards, sender: createSender(wallet, provider) });
  } finally {
    provider.destroy();
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

function readIndex(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new TributaryError('CONFIG_INVALID', `--dev-account: "${text}" is not a number from 0 to 999.`, {
    args: { field: '--dev-account' },
  });
}
