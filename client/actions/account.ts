/** Accounts that are contracts: stake and place of a node, apart from the key on its machine. See contracts/accounts/NodeAccount.sol. */
import { type AccountKeys, type AccountSender, readAccountKeys } from '../chain/accountSender.ts';
import { explainChainFailure, refusal } from '../chain/failure.ts';
import { transact } from '../chain/federation.ts';
import { type StakeRole, stakeRoles } from '../chain/stake.ts';
import { claimOwed } from './claim.ts';
import type { Followed, Signed } from './connect.ts';

/** Whoever signs is the account's owner. `operator`: the zero address for nobody. Errors: NOT_ELIGIBLE, and those of `Sender.send`. */
export async function rotateOperator({ sender }: Signed, account: string, operator: string): Promise<void> {
  try {
    await transact(sender, 'setting the operator', account, 'NodeAccount', 'rotate', [operator]);
  } catch (error) {
    const sentence = () => `${sender.address} is not the owner of the account ${account}: rotate with the owner's key.`;
    throw refusal(error, { OwnableUnauthorizedAccount: sentence });
  }
}

/** An account as it stands in its federation. Amounts in wei. */
export interface AccountStatus extends AccountKeys {
  roles: StakeRole[];
  /** Of trainers and aggregators together, and of evaluators. */
  bondedWei: { federation: bigint; rewards: bigint };
  tokensWei: bigint;
  /** Who gets what it earns; undefined where it has never joined. */
  payee: string | undefined;
}

/** Errors: NOT_ELIGIBLE where it is no such account; CHAIN_UNREACHABLE. */
export async function readAccount({ federation, rewards }: Followed, address: string): Promise<AccountStatus> {
  const keys = await readAccountKeys(federation.provider, address);
  const { account } = keys;
  const { stake, token } = federation.contracts;
  const [atFederation, atRewards, tokensWei] = await Promise.all([
    stake.bondedWei(federation.addresses.federation, account),
    stake.bondedWei(federation.addresses.rewards, account),
    token.balanceOf(account),
  ]).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'reading the stake of the account');
  });
  const has: Record<StakeRole, boolean> = {
    trainer: federation.state.trainers.has(account),
    aggregator: federation.state.aggregators.has(account),
    evaluator: rewards.state.evaluators.has(account),
  };
  const roles = stakeRoles.filter((role) => has[role]);
  const payee = rewards.state.accounts.get(account)?.payee;
  return { ...keys, roles, bondedWei: { federation: atFederation, rewards: atRewards }, tokensWei, payee };
}

/** What went from an account to its owner, in wei. */
export interface Collected {
  tokensWei: bigint;
  currencyWei: bigint;
}

/**
 * Pays to the owner all tokens and all currency that lie in the account, and what contracts owe it. Stake stays.
 * `sender` acts as the owner. Errors: those of `Sender.send`.
 */
export async function collectFromAccount(signed: Signed & { sender: AccountSender }): Promise<Collected> {
  const { federation, sender } = signed;
  const { account, owner } = sender.keys;
  await claimOwed(signed);
  const read = <T>(answer: Promise<T>) =>
    answer.catch((cause: unknown) => {
      throw explainChainFailure(cause, 'reading what lies in the account');
    });
  const tokensWei = await read(federation.contracts.token.balanceOf(account));
  if (tokensWei > 0n) {
    const { token } = federation.addresses;
    await transact(sender, 'paying out tokens', token, 'TributaryToken', 'transfer', [owner, tokensWei]);
  }
  const currencyWei = await read(federation.provider.getBalance(account));
  if (currencyWei > 0n) await sender.payOwner(currencyWei);
  return { tokensWei, currencyWei };
}
