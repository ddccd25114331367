/** The keys of a run's processes, and what they need to take part: tokens to stake, currency for gas. */
import { keccak256, parseEther, toUtf8Bytes, Wallet } from 'ethers';
import { feesOf, priceOf, readMarket } from '../chain/fees.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { createSender } from '../chain/sender.ts';
import { TributaryError } from '../core/errors.ts';
import { developmentChainId, developmentWallet, loadKey } from '../node/key.ts';

export interface ProcessKey {
  account: string;
  /** How the process is told its key. */
  args: readonly string[];
  env: Record<string, string>;
}

export interface Accounts {
  deployer: Wallet;
  /** The key of process number `index`, counted from 0. */
  keyOf(index: number): ProcessKey;
}

/**
 * On the development chain the accounts that everybody knows; elsewhere the deployer's own key from the environment, and
 * keys derived from it, which it funds. Errors: KEY_INVALID.
 */
export async function openAccounts(chainId: number): Promise<Accounts> {
  if (chainId === developmentChainId) {
    return {
      deployer: developmentWallet(0),
      keyOf: (index) => ({
        account: developmentWallet(index + 1).address,
        args: ['--dev-account', String(index + 1)],
        env: {},
      }),
    };
  }
  const deployer = await loadKey({}, chainId);
  return {
    deployer,
    keyOf(index) {
      const { privateKey, address } = new Wallet(
        keccak256(toUtf8Bytes(`tributary process ${index} ${deployer.privateKey}`)),
      );
      return { account: address, args: [], env: { TRIBUTARY_PRIVATE_KEY: privateKey } };
    },
  };
}

/** Gas that a process may need to join, and for each round. */
const joiningGas = 1_000_000n;
const roundGas = 500_000n;

/** Tops up accounts that cannot pay for their part of the run. Errors: ACCOUNT_NO_FUNDS. */
export async function fundAccounts(
  provider: ChainProvider,
  deployer: Wallet,
  accounts: readonly string[],
  rounds: number,
): Promise<void> {
  const fee = priceOf(feesOf(await readMarket(provider)));
  const needed = (joiningGas + roundGas * BigInt(rounds)) * fee;
  const sender = createSender(deployer, provider);
  for (const account of accounts) {
    const missing = needed - (await provider.getBalance(account));
    if (missing <= 0n) continue;
    const balance = await provider.getBalance(deployer.address);
    if (balance < missing) {
      throw new TributaryError(
        'ACCOUNT_NO_FUNDS',
        `The deployer ${deployer.address} cannot fund the processes: each needs ${needed} wei for gas; send it some of the chain's currency (now ${balance} wei, of which 1 unit is ${parseEther('1')}).`,
        { args: { account: deployer.address } },
      );
    }
    await sender.send(`funding ${account}`, { to: account, value: missing });
  }
}
