import { Command } from 'commander';
import { formatEther } from 'ethers';
import { fundPool } from '../actions/fund.ts';
import { formatTime } from '../core/format.ts';
import { formatVotes } from '../governance/units.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { addActingOptions, readTokens, type SignerOptions, withSigner } from './signer.ts';

export function createFundCommand(): Command {
  const command = new Command('fund')
    .description('adds tokens to the pool that rewards are paid from; they do not come back, and give votes for a time')
    .argument('<tokens>', 'how many, with at most 9 decimals');
  return addActingOptions(command).action((tokens: string, options: SignerOptions) =>
    action((given: SignerOptions) => fund(tokens, given))(options),
  );
}

/** Errors: CONFIG_INVALID, NOT_ELIGIBLE, and those of the key and the chain. */
export async function fund(tokens: string, options: SignerOptions): Promise<void> {
  const amountWei = readTokens(tokens, 9);
  await withSigner(options, async (signed) => {
    const { votesWei, votesExpireAt, poolGwei } = await fundPool(signed, amountWei);
    if (options.json) {
      const votes = { votesWei: String(votesWei), votesExpireAt };
      const account = signed.sender.address;
      printJson({ account, fundedWei: String(amountWei), poolGwei: String(poolGwei), ...votes });
      return;
    }
    const votes = `${formatVotes(votesWei)} until ${formatTime(votesExpireAt)}`;
    print(`Added ${formatEther(amountWei)} tokens to the pool, for ${votes}: ${formatGwei(poolGwei)} are in it now.`);
  });
}
