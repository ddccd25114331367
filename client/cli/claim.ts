import { Command } from 'commander';
import { formatEther } from 'ethers';
import { claim, type Payout } from '../actions/claim.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { addSignerOptions, type SignerOptions, withSigner } from './signer.ts';

export type ClaimOptions = SignerOptions;

export function createClaimCommand(): Command {
  const command = new Command('claim').description(
    'pays out what the key has earned: rewards of its account or as a payee, shares of slashes, bonds',
  );
  return addSignerOptions(command)
    .option('--account <address>', 'only the rewards of this account (default: of all that the key may claim for)')
    .action(action(claimNow));
}

/** Errors: as `claim`, and those of the key and the chain. */
export async function claimNow(options: ClaimOptions): Promise<void> {
  // the account is whose rewards are claimed, not who claims
  await withSigner({ ...options, account: undefined }, async (signed) => {
    const payout = await claim(signed, options.account);
    if (options.json) printJson(describe(signed.sender.address, payout));
    else printClaims(payout);
  });
}

function describe(account: string, { rewards, owed }: Payout): object {
  return {
    account,
    rewards: rewards.map((claimed) => ({ ...claimed, amountGwei: String(claimed.amountGwei) })),
    owed: owed.map((debt) => ({ ...debt, amountWei: String(debt.amountWei) })),
  };
}

function printClaims({ rewards, owed }: Payout): void {
  for (const { account, payee, amountGwei, gas } of rewards) {
    print(`Paid ${formatGwei(amountGwei)} that ${account} has earned to ${payee}, ${gas} gas.`);
  }
  for (const { contract, currency, amountWei } of owed) {
    const unit = currency === 'tokens' ? 'tokens' : "of the chain's own currency";
    print(`Paid ${formatEther(amountWei)} ${unit} that the contract ${contract} owed.`);
  }
}
