import { Command } from 'commander';
import { formatEther } from 'ethers';
import { leaveRole, readPosition, requestUnbond, stakedFor } from '../node/stake.ts';
import { action, print, printJson } from './action.ts';
import { addSignerOptions, readTokens, withSigner } from './signer.ts';
import { addRoleOption, type StakeOptions } from './stake.ts';

export interface UnstakeOptions extends StakeOptions {
  leave?: boolean;
}

export function createUnstakeCommand(): Command {
  const command = new Command('unstake')
    .description('begins to unbond stake of a role; until it is withdrawn it can still be slashed')
    .argument('<tokens>', 'how many, or all');
  return addRoleOption(addSignerOptions(command))
    .option('--leave', 'give up the role first, where the account has it')
    .action((tokens: string, options: UnstakeOptions) =>
      action((given: UnstakeOptions) => unstake(tokens, given))(options),
    );
}

/** Errors: CONFIG_INVALID, NOT_ELIGIBLE, and those of the key and the chain. */
export async function unstake(tokens: string, options: UnstakeOptions): Promise<void> {
  const wanted = tokens === 'all' ? undefined : readTokens(tokens);
  await withSigner(options, async (signed) => {
    const { role } = options;
    const holder = stakedFor(signed.federation.addresses, role);
    if (options.leave) await leaveRole(signed, role);
    const amountWei = wanted ?? (await readPosition(signed, holder)).bondedWei;
    const releaseAt = await requestUnbond(signed, holder, amountWei);
    const account = signed.sender.address;
    if (options.json) printJson({ account, role, unbondingWei: String(amountWei), releaseAt });
    else {
      const when = new Date(1000 * releaseAt).toISOString();
      print(`Unbonding ${formatEther(amountWei)} tokens of ${account}: withdraw them from ${when} on.`);
    }
  });
}
