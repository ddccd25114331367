import { Command } from 'commander';
import { Contract, formatEther, getAddress, isAddress } from 'ethers';
import { type ContractName, contractInterface } from '../chain/artifacts.ts';
import { explainChainFailure } from '../chain/failure.ts';
import { transact } from '../chain/federation.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { buildBalancesTree, newBalance, proveBalance } from '../core/rewards/balances.ts';
import { createLedger, isKnown } from '../node/ledger.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { addSignerOptions, type Signed, type SignerOptions, withSigner } from './signer.ts';

export interface ClaimOptions extends SignerOptions {
  account?: string;
}

interface Claimed {
  account: string;
  payee: string;
  amountGwei: bigint;
  gas: number;
}

/** What a contract owes the sender for challenges and bonds, and has paid; `currency` of bonds is the chain's own. */
interface Paid {
  contract: ContractName;
  currency: 'tokens' | 'native';
  amountWei: bigint;
}

export function createClaimCommand(): Command {
  const command = new Command('claim').description(
    'pays out what the key has earned: rewards of its account or as a payee, shares of slashes, bonds',
  );
  return addSignerOptions(command)
    .option('--account <address>', 'only the rewards of this account (default: of all that the key may claim for)')
    .action(action(claim));
}

/** Errors: NOT_ELIGIBLE where there is nothing, CONFIG_INVALID, and those of the key and the chain. */
export async function claim(options: ClaimOptions): Promise<void> {
  await withSigner(options, async (signed) => {
    const accounts = accountsOf(signed, options.account);
    const rewards = await claimRewards(signed, accounts);
    const paid = options.account === undefined ? await claimOwed(signed) : [];
    if (rewards.length + paid.length === 0) throw nothingDue(signed, accounts);
    if (options.json) printJson(describe(signed.sender.address, rewards, paid));
    else printClaims(rewards, paid);
  });
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

async function claimOwed({ federation: { addresses, provider }, sender }: Signed): Promise<Paid[]> {
  const debtors = [
    { contract: 'Stake', currency: 'tokens', to: addresses.stake },
    { contract: 'Rewards', currency: 'native', to: addresses.rewards },
    { contract: 'Openings', currency: 'native', to: addresses.challenges.Openings },
  ] as const;
  const paid: Paid[] = [];
  for (const { contract, currency, to } of debtors) {
    const reader = new Contract(to, contractInterface(contract), provider);
    const amountWei: bigint = await reader
      .getFunction('owedWei')(sender.address)
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

function describe(account: string, rewards: readonly Claimed[], paid: readonly Paid[]): object {
  return {
    account,
    rewards: rewards.map((claimed) => ({ ...claimed, amountGwei: String(claimed.amountGwei) })),
    owed: paid.map((debt) => ({ ...debt, amountWei: String(debt.amountWei) })),
  };
}

function printClaims(rewards: readonly Claimed[], paid: readonly Paid[]): void {
  for (const { account, payee, amountGwei, gas } of rewards) {
    print(`Paid ${formatGwei(amountGwei)} that ${account} has earned to ${payee}, ${gas} gas.`);
  }
  for (const { contract, currency, amountWei } of paid) {
    const unit = currency === 'tokens' ? 'tokens' : "of the chain's own currency";
    print(`Paid ${formatEther(amountWei)} ${unit} that the contract ${contract} owed.`);
  }
}
