import { Command } from 'commander';
import { formatEther } from 'ethers';
import { contractInterface } from '../chain/artifacts.ts';
import { transact } from '../chain/federation.ts';
import { formatTime, formatVotes } from '../governance/units.ts';
import { approveTokens } from '../node/stake.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { addSignerOptions, readTokens, type SignerOptions, withSigner } from './signer.ts';

export function createFundCommand(): Command {
  const command = new Command('fund')
    .description('adds tokens to the pool that rewards are paid from; they do not come back, and give votes for a time')
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
    const { votingPower } = federation.addresses.governance;
    const pool = federation.addresses.rewards;
    await approveTokens(signed, votingPower, amountWei, 'The pool');
    const { logs } = await transact(sender, 'funding the pool', votingPower, 'VotingPower', 'fund', [pool, amountWei]);
    const funded = logs
      .map((log) => contractInterface('VotingPower').parseLog(log))
      .find((log) => log?.name === 'PoolFundedForVotes');
    const { votesWei, expiresAt } = funded!.args;
    const [fundedGwei, allocatedGwei] = await rewards.contract.pool();
    const leftGwei = fundedGwei - allocatedGwei;
    if (options.json) {
      const votes = { votesWei: String(votesWei), votesExpireAt: Number(expiresAt) };
      printJson({ account: sender.address, fundedWei: String(amountWei), poolGwei: String(leftGwei), ...votes });
      return;
    }
    const votes = `${formatVotes(votesWei)} until ${formatTime(Number(expiresAt))}`;
    print(`Added ${formatEther(amountWei)} tokens to the pool, for ${votes}: ${formatGwei(leftGwei)} are in it now.`);
  });
}
