/** Pays out what a key has earned: rewards of its account and as a payee, shares of slashes, bonds. */
import { getAddress, isAddress } from 'ethers';
import { explainChainFailure } from '../chain/failure.ts';
import { transact } from '../chain/federation.ts';
import { readContract } from '../contracts/contracts.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { buildBalancesTree, newBalance, proveBalance } from '../core/rewards/balances.ts';
import { createLedger, isKnown } from '../participant/rewards/ledger.ts';
import type { Signed } from './connect.ts';

/** Rewards that were paid out: of which account, to whom. */
export interface Claimed {
  account: string;
  payee: string;
  amountGwei: bigint;
  gas: number;
}

/** What a contract owes the sender for challenges and bonds, and has paid; `currency` of bonds is the chain's own. */
export interface Paid {
  contract: 'Stake' | 'Rewards' | 'Openings';
  currency: 'tokens' | 'native';
  amountWei: bigint;
}

/** All that a claim has paid. */
export interface Payout {
  rewards: Claimed[];
  owed: Paid[];
}

/**
 * Of all accounts that the key may claim for, or only the rewards of one.
 * Errors: NOT_ELIGIBLE where there is nothing, CONFIG_INVALID, COMMITMENT_MISMATCH, and those of `Sender.send`.
 */
export async function claim(signed: Signed, account?: string): Promise<Payout> {
  const accounts = accountsOf(signed, account);
  const rewards = await claimRewards(signed, accounts);
  const owed = account === undefined ? await claimOwed(signed) : [];
  if (rewards.length + owed.length === 0) throw nothingDue(signed, accounts);
  return { rewards, owed };
}

/** Errors: NOT_ELIGIBLE, CONFIG_INVALID. */
function accountsOf({ rewards, sender }: Signed, given: string | undefined): string[] {
  const { accounts } = rewards.state;
  const mayClaim = (account: string) => account === sender.address || accounts.get(account)?.payee === sender.address;
  if (given === undefined) return [...accounts.keys()].filter(mayClaim);
  if (!isAddress(given)) {
    throw new TributaryError('CONFIG_INVALID', `--account: "${given}" is not an address: 0x and 40 hex digits.`, {
      args: { field: '--account' },
    });
  }
  const account = getAddress(given);
  const known = accounts.get(account);
  if (known !== undefined && mayClaim(account)) return [account];
  const reason = known === undefined ? 'it is not enrolled' : `only it and its payee ${known.payee} may`;
  throw new TributaryError('NOT_ELIGIBLE', `${sender.address} cannot claim for ${account}: ${reason}.`);
}

async function claimRewards({ rewards, sender, federation }: Signed, accounts: readonly string[]): Promise<Claimed[]> {
  const { state } = rewards;
  if (!isKnown(state, state.balancesOf)) {
    const message = `The reward statement of round ${state.balancesOf} cannot be decoded, so nobody knows the balances. Claim when a vote has restored those of an earlier round.`;
    throw new TributaryError('COMMITMENT_MISMATCH', message, { args: { round: state.balancesOf }, retryable: true });
  }
  const balances = createLedger({ rewards }).final();
  const tree = buildBalancesTree(balances);
  const claimed: Claimed[] = [];
  for (const account of accounts) {
    const { place, payee } = state.accounts.get(account)!;
    const { cumulativeGwei, reputation } = balances[place] ?? newBalance;
    const amountGwei = cumulativeGwei - (state.claimedGwei.get(account) ?? 0n);
    if (amountGwei <= 0n) continue;
    const args = [account, cumulativeGwei, reputation, proveBalance(tree, place).map(toHex)];
    const to = federation.addresses.rewards;
    const { gasUsed } = await transact(sender, `claiming for ${account}`, to, 'Rewards', 'claim', args);
    claimed.push({ account, payee, amountGwei, gas: Number(gasUsed) });
  }
  return claimed;
}

/** What contracts owe the sender. Errors: CHAIN_UNREACHABLE, and those of `Sender.send`. */
export async function claimOwed({ federation: { addresses, provider }, sender }: Signed): Promise<Paid[]> {
  const debtors = [
    { contract: 'Stake', currency: 'tokens', to: addresses.stake },
    { contract: 'Rewards', currency: 'native', to: addresses.rewards },
    { contract: 'Openings', currency: 'native', to: addresses.challenges.Openings },
  ] as const;
  const paid: Paid[] = [];
  for (const { contract, currency, to } of debtors) {
    const amountWei = await readContract(contract, to, provider)
      .owedWei(sender.address)
      .catch((cause: unknown) => {
        throw explainChainFailure(cause, 'reading what is owed');
      });
    if (amountWei === 0n) continue;
    await transact(sender, `claiming from ${contract}`, to, contract, 'claimOwed', []);
    paid.push({ contract, currency, amountWei });
  }
  return paid;
}

function nothingDue({ rewards: { state }, sender }: Signed, accounts: readonly string[]): TributaryError {
  const { balancesOf } = state;
  const pending = [...state.statements.values()].some(({ final }) => !final);
  const reason =
    accounts.length === 0
      ? 'it has no account and is nobody’s payee'
      : `all that was earned up to round ${balancesOf} is paid${pending ? '; later rewards are not final yet' : ''}`;
  return new TributaryError('NOT_ELIGIBLE', `There is nothing to claim for ${sender.address}: ${reason}.`);
}
