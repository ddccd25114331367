import { Command } from 'commander';
import { formatEther } from 'ethers';
import { readPosition, stakedFor, withdrawStake } from '../node/stake.ts';
import { action, print, printJson } from './action.ts';
import { addSignerOptions, withSigner } from './signer.ts';
import { addRoleOption, type StakeOptions } from './stake.ts';

export function createWithdrawCommand(): Command {
  const command = new Command('withdraw').description('pays out the stake of a role that has unbonded');
  return addRoleOption(addSignerOptions(command)).action(action(withdraw));
}

/** Errors: NOT_ELIGIBLE, and those of the key and the chain. */
export async function withdraw(options: StakeOptions): Promise<void> {
  await withSigner(options, async (signed) => {
    const { role } = options;
    const holder = stakedFor(signed.federation.addresses, role);
    const { unbondingWei } = await readPosition(signed, holder);
    await withdrawStake(signed, holder);
    const account = signed.sender.address;
    if (options.json) printJson({ account, role, withdrawnWei: String(unbondingWei) });
    else print(`Withdrew ${formatEther(unbondingWei)} tokens to ${account}.`);
  });
}
