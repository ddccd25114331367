/** For commands that only read: a federation on chain, without key or folder. */
import type { Command } from 'commander';
import { checkDeployment, connectChain } from '../chain/connect.ts';
import { type FederationClient, openFederation } from '../chain/federation.ts';
import { openRewards, type RewardsClient } from '../chain/rewards.ts';
import { type LoadedDeployment, readDeployment, rpcUrlOf } from '../node/deployment.ts';
import { addJsonOption } from './action.ts';

export interface ReaderOptions {
  deployment: string;
  rpc?: string;
  json?: boolean;
}

export function addReaderOptions(command: Command): Command {
  return addJsonOption(
    command
      .option('--deployment <file>', 'where the federation lives', 'deployments/localhost.json')
      .option('--rpc <url>', 'JSON-RPC address of a node of the chain (default: as in the deployment)'),
  );
}

/** Opens, synchronises, hands over, closes. Errors: CONFIG_INVALID, CHAIN_UNREACHABLE, CHAIN_WRONG_ID, CONTRACT_MISSING. */
export async function withFederation<T>(
  options: ReaderOptions,
  read: (federation: FederationClient, deployment: LoadedDeployment) => Promise<T>,
): Promise<T> {
  const deployment = readDeployment(options.deployment);
  const provider = await connectChain(rpcUrlOf(deployment, options.rpc));
  try {
    await checkDeployment(provider, deployment);
    const federation = openFederation(provider, deployment, deployment.deployBlock);
    await federation.sync();
    return await read(federation, deployment);
  } finally {
    provider.destroy();
  }
}

export interface ReadRewards {
  federation: FederationClient;
  rewards: RewardsClient;
}

/** The same, with the rewards of the federation. */
export function withRewards<T>(options: ReaderOptions, read: (given: ReadRewards) => Promise<T>): Promise<T> {
  return withFederation(options, async (federation, deployment) => {
    const rewards = openRewards(federation.provider, deployment, deployment.deployBlock);
    await rewards.sync();
    return await read({ federation, rewards });
  });
}
