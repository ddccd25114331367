/**
 * The commands as Hardhat's scripts: `npx hardhat run` passes no arguments, so amounts and roles come from the environment. The
 * federation is that of deployments/<network>.json. The key is TRIBUTARY_PRIVATE_KEY, else the network's first account, else,
 * on the development chain, account number TRIBUTARY_DEV_ACCOUNT (0).
 */
import { join } from 'node:path';
import hre from 'hardhat';
import { type StakeRole, stakeRoles } from '../client/chain/stake.ts';
import type { SignerOptions } from '../client/cli/signer.ts';
import { TributaryError } from '../client/core/errors.ts';
import { fail } from '../client/node/process.ts';

const network = hre.globalOptions.network ?? 'default';

/** Runs a command; what fails is one sentence and an exit code of its own. */
export async function runAsAccount(act: (options: SignerOptions) => Promise<void>): Promise<void> {
  try {
    await act(await readOptions());
  } catch (error) {
    process.exitCode = fail(error);
  }
}

async function readOptions(): Promise<SignerOptions> {
  const target = hre.config.networks[network];
  if (target?.type !== 'http') {
    throw new TributaryError(
      'CONFIG_INVALID',
      `--network: "${network}" ends with this command: name one that stays, such as --network localhost.`,
    );
  }
  const options = { deployment: join('deployments', `${network}.json`), rpc: await target.url.getUrl() };
  if (process.env.TRIBUTARY_PRIVATE_KEY !== undefined) return options;
  const [first] = Array.isArray(target.accounts) ? target.accounts : [];
  if (first === undefined) return { ...options, devAccount: process.env.TRIBUTARY_DEV_ACCOUNT ?? '0' };
  return { ...options, privateKey: await first.getHexString() };
}

/** Errors: CONFIG_INVALID. */
export function readVariable(name: string, meaning: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new TributaryError('CONFIG_INVALID', `${name}: set it to ${meaning}.`, { args: { field: name } });
}

/** Errors: CONFIG_INVALID. */
export function readRole(): StakeRole {
  const meaning = `the role whose stake it is: ${stakeRoles.join(', ')}`;
  const role = stakeRoles.find((known) => known === readVariable('TRIBUTARY_ROLE', meaning));
  if (role !== undefined) return role;
  throw new TributaryError('CONFIG_INVALID', `TRIBUTARY_ROLE: set it to ${meaning}.`, {
    args: { field: 'TRIBUTARY_ROLE' },
  });
}
