import { Command } from 'commander';
import { formatEther } from 'ethers';
import { transact } from '../chain/federation.ts';
import { approveTokens } from '../node/stake.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { addSignerOptions, readTokens, type SignerOptions, withSigner } from './signer.ts';

export function createFundCommand(): Command {
  const command = new Command('fund')
    .description('adds tokens to the pool that rewards are paid from; they do not come back')
    .argument('<tokens>', 'how many, with at most 9 decimals');
  return addSignerOptions(command).action((tokens: string, options: SignerOptions) =>
    action((given: SignerOptions) => fund(tokens, given))(options),
  );
}

/** Errors: CONFIG_INVALID, NOT_ELIGIBLE, and those of the key and the chain. */
export async function fund(tokens: string, options: SignerOptions): Promise<void> {
  const amountWei = readTokens(tokens, 9);
  await withSigner(options, async (signed) => {
    const { federation, rewards, sender } = signed;
    const address = federation.addresses.rewards;
    await approveTokens(signed, address, amountWei, 'The pool');
    await transact(sender, 'funding the pool', address, 'Rewards', 'fund', [amountWei]);
    const [fundedGwei, allocatedGwei] = await rewards.contract.pool();
    const leftGwei = fundedGwei - allocatedGwei;
    if (options.json) printJson({ account: sender.address, fundedWei: String(amountWei), poolGwei: String(leftGwei) });
    else print(`Added ${formatEther(amountWei)} tokens to the pool: ${formatGwei(leftGwei)} are in it now.`);
  });
}
