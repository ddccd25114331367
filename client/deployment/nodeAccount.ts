/** The account of a node that is a contract: see contracts/accounts/NodeAccount.sol. */
import type { Sender } from '../chain/sender.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { linkedCode } from '../contracts/link.ts';

/** Who holds an account, and whose key works for it. */
export interface NewAccount {
  owner: string;
  operator: string;
  federation: string;
}

/** Deploys an account, which `sender` pays for and nobody but `owner` ever holds; answers its address. Errors: those of `Sender.send`. */
export async function createAccount(sender: Sender, { owner, operator, federation }: NewAccount): Promise<string> {
  const args = contractInterface('NodeAccount').encodeDeploy([owner, operator, federation]);
  const data = linkedCode('NodeAccount') + args.slice(2);
  const { contractAddress } = await sender.send('creating the account', { data });
  return contractAddress!;
}
