import { Command, Option } from 'commander';
import { formatEther } from 'ethers';
import { stake } from '../actions/stake.ts';
import { type StakeRole, stakeRoles } from '../chain/stake.ts';
import { action, print, printJson } from './action.ts';
import { addActingOptions, readTokens, type SignerOptions, withSigner } from './signer.ts';

export interface StakeOptions extends SignerOptions {
  role: StakeRole;
}

export function addRoleOption(command: Command): Command {
  return command.addOption(new Option('--role <role>', 'for which role').choices(stakeRoles).makeOptionMandatory());
}

export function createStakeCommand(): Command {
  const command = new Command('stake')
    .description('deposits tokens as the stake of a role; trainers and aggregators of an account share one')
    .argument('<tokens>', 'how many, such as 100 or 0.5');
  return addRoleOption(addActingOptions(command)).action((tokens: string, options: StakeOptions) =>
    action((given: StakeOptions) => stakeTokens(tokens, given))(options),
  );
}

/** Errors: CONFIG_INVALID, NOT_ELIGIBLE, and those of the key and the chain. */
export async function stakeTokens(tokens: string, options: StakeOptions): Promise<void> {
  const amountWei = readTokens(tokens);
  await withSigner(options, async (signed) => {
    const bondedWei = await stake(signed, options.role, amountWei);
    const account = signed.sender.address;
    if (options.json)
      printJson({ account, role: options.role, depositedWei: String(amountWei), bondedWei: String(bondedWei) });
    else
      print(
        `Staked ${formatEther(amountWei)} tokens of ${account} as ${options.role}: ${formatEther(bondedWei)} are bonded now.`,
      );
  });
}
