/** Who acts for a process: its key, an account that is a contract behind that key, or nobody where it only reads. */
import type { Wallet } from 'ethers';
import { openAccount } from '../chain/accountSender.ts';
import type { Addresses } from '../chain/connect.ts';
import { createKeyless } from '../chain/keyless.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import type { Spending } from '../chain/spending.ts';

/** Who acts, and who gets what it earns where nobody else is named: of an account that is a contract its owner. */
export interface Acting {
  sender: Sender;
  payee: string | undefined;
}

/** Errors: those of `openAccount`. */
export async function openSender(
  wallet: Wallet | undefined,
  account: string | undefined,
  provider: ChainProvider,
  addresses: Addresses,
  spending?: Spending,
): Promise<Acting> {
  if (wallet === undefined) return { sender: createKeyless(), payee: undefined };
  const key = createSender(wallet, provider, spending);
  if (account === undefined) return { sender: key, payee: undefined };
  const sender = await openAccount(key, provider, addresses, account);
  return { sender, payee: sender.keys.owner };
}
