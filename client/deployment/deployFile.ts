/** Deploying from a configuration, for the command and for Hardhat's script alike. */
import { mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { formatEther, type Wallet } from 'ethers';
import type { Deployment } from '../chain/deployment.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { developmentChainId, developmentWallet } from '../node/key.ts';
import { recordDeployment } from './addressBook.ts';
import { choicesOf, type FederationConfig, governanceOf, manifestOf } from './config.ts';
import { deployFederation } from './deploy.ts';

/** Accounts of the development chain that get tokens, so that roles can be started by hand at once. */
const developmentAccounts = 19;

export interface DeployFileOptions {
  provider: ChainProvider;
  wallet: Wallet;
  config: FederationConfig;
  rpcUrl: string;
  /** The deployment to write. */
  file: string;
}

/** Errors: those of the configuration, the model, the chain and the folder. */
export async function deployFile({ provider, wallet, config, rpcUrl, file }: DeployFileOptions): Promise<Deployment> {
  const { manifest, modelFile } = await manifestOf(config);
  const { chainId } = await provider.getNetwork();
  mkdirSync(dirname(file), { recursive: true });
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
  const options = { provider, wallet, name, rpcUrl, manifest, modelFile, choices, governance, grants, file };
  const deployment = await deployFederation(options);
  recordDeployment(file, deployment);
  return deployment;
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
  ].join('\n');
}
