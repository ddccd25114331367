import { Command } from 'commander';
import { formatEther } from 'ethers';
import { withdraw } from '../actions/stake.ts';
import { action, print, printJson } from './action.ts';
import { addActingOptions, withSigner } from './signer.ts';
import { addRoleOption, type StakeOptions } from './stake.ts';

export function createWithdrawCommand(): Command {
  const command = new Command('withdraw').description('pays out the stake of a role that has unbonded');
  return addRoleOption(addActingOptions(command)).action(action(withdrawTokens));
}

/** Errors: NOT_ELIGIBLE, and those of the key and the chain. */
export async function withdrawTokens(options: StakeOptions): Promise<void> {
  await withSigner(options, async (signed) => {
    const { role } = options;
    const unbondingWei = await withdraw(signed, role);
    const account = signed.sender.address;
    if (options.json) printJson({ account, role, withdrawnWei: String(unbondingWei) });
    else print(`Withdrew ${formatEther(unbondingWei)} tokens to ${account}.`);
  });
}
