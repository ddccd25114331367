import { Command } from 'commander';
import { formatEther } from 'ethers';
import { unstake } from '../actions/stake.ts';
import { formatTime } from '../core/format.ts';
import { action, print, printJson } from './action.ts';
import { addActingOptions, readTokens, withSigner } from './signer.ts';
import { addRoleOption, type StakeOptions } from './stake.ts';

export interface UnstakeOptions extends StakeOptions {
  leave?: boolean;
}

export function createUnstakeCommand(): Command {
  const command = new Command('unstake')
    .description('begins to unbond stake of a role; until it is withdrawn it can still be slashed')
    .argument('<tokens>', 'how many, or all');
  return addRoleOption(addActingOptions(command))
    .option('--leave', 'give up the role first, where the account has it')
    .action((tokens: string, options: UnstakeOptions) =>
      action((given: UnstakeOptions) => unstakeTokens(tokens, given))(options),
    );
}

/** Errors: CONFIG_INVALID, NOT_ELIGIBLE, and those of the key and the chain. */
export async function unstakeTokens(tokens: string, options: UnstakeOptions): Promise<void> {
  const wanted = tokens === 'all' ? undefined : readTokens(tokens);
  await withSigner(options, async (signed) => {
    const { role } = options;
    const { amountWei, releaseAt } = await unstake(signed, role, { amountWei: wanted, leave: options.leave });
    const account = signed.sender.address;
    if (options.json) printJson({ account, role, unbondingWei: String(amountWei), releaseAt });
    else {
      print(
        `Unbonding ${formatEther(amountWei)} tokens of ${account}: withdraw them from ${formatTime(releaseAt)} on.`,
      );
    }
  });
}
