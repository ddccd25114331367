/** Deploying from a configuration, for the command and for Hardhat's script alike. */
import { basename, dirname, join } from 'node:path';
import { formatEther, type Wallet } from 'ethers';
import type { Deployment } from '../chain/deployment.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { TributaryError } from '../core/errors.ts';
import { developmentChainId, developmentWallet } from '../node/key.ts';
import { makeFolder, requireNoFolder } from '../node/writeFile.ts';
import { readAddressBook, recordDeployment } from './addressBook.ts';
import { choicesOf, type FederationConfig, governanceOf } from './config.ts';
import { deployFederation } from './deploy.ts';
import { progressFile, readProgress } from './progress.ts';
import type { DoneStep, RunOptions } from './run.ts';
import { taskOf } from './task.ts';

/** Accounts of the development chain that get tokens, so that roles can be started by hand at once. */
const developmentAccounts = 19;

export interface DeployFileOptions extends Pick<RunOptions, 'resume' | 'onStep'> {
  provider: ChainProvider;
  wallet: Wallet;
  config: FederationConfig;
  rpcUrl: string;
  /** The deployment to write. */
  file: string;
  /** Hears what of the model file is no longer as it was. */
  onChange?: ((change: string) => void) | undefined;
}

/** Errors: those of the configuration, the model, the chain and the folder; CONFIG_INVALID where there is nothing to resume. */
export async function deployFile(given: DeployFileOptions): Promise<Deployment> {
  const { provider, config, file, resume, onChange = () => undefined } = given;
  if (resume && readProgress(file) === undefined) throw nothingBegun(file);
  // nothing is sent where it could not be written down
  requireNoFolder(file, '--output');
  makeFolder(dirname(file));
  readAddressBook(file);
  const { manifest, modelFile, changes } = await taskOf(config);
  for (const change of changes) onChange(change);
  const { chainId } = await provider.getNetwork();
  const tokens = config.trainerStake + config.aggregatorBond;
  const developers =
    Number(chainId) === developmentChainId
      ? Array.from({ length: developmentAccounts }, (_, index) => ({
          account: developmentWallet(index + 1).address,
          tokens,
        }))
      : [];
  const grants = [...developers, ...config.grants];
  const choices = choicesOf(config);
  // the blobs' folder bears the file's name: one task may be deployed to several chains
  const name = basename(file, '.json');
  const governance = governanceOf(config);
  const deployment = await deployFederation({ ...given, name, manifest, modelFile, choices, governance, grants });
  recordDeployment(file, deployment);
  return deployment;
}

function nothingBegun(file: string): TributaryError {
  const message = `--resume: no deployment of ${file} was begun (there is no ${progressFile(file)}): deploy without --resume.`;
  return new TributaryError('CONFIG_INVALID', message, { args: { field: '--resume' } });
}

/** `3 of 45  Stake at 0x…`, or where it creates nothing its transaction. */
export function describeStep({ step, of, what, address, transaction, before }: DoneStep): string {
  const place = `${String(step).padStart(String(of).length)} of ${of}`;
  const where = address === null ? `, transaction ${transaction}` : ` at ${address}`;
  return `${place}  ${what}${where}${before ? ' (done before)' : ''}`;
}

export function describeDeployment(deployment: Deployment, file: string, wallet: Wallet, balanceWei: bigint): string {
  return [
    `Deployed ${deployment.name} to chain ${deployment.chainId} as ${wallet.address} (${formatEther(balanceWei)} left for gas)`,
    `  token       ${deployment.token}`,
    `  stake       ${deployment.stake}`,
    `  federation  ${deployment.federation}`,
    `  governor    ${deployment.governance.governor}`,
    `  treasury    ${deployment.governance.treasury}`,
    `  ${file}, with the files in ${join(dirname(file), `${deployment.name}.blobs`)}: give both to everyone who takes part.`,
    ...(deployment.rpcUrl === undefined
      ? [
          '  The address of the chain is not in it, for it may hold a key: everyone gives an address of their own with --rpc.',
        ]
      : []),
  ].join('\n');
}
