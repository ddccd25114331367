/** For commands that only read: a federation on chain, without key or folder. */
import type { Command } from 'commander';
import { connectFederation, type Followed } from '../actions/connect.ts';
import type { FederationClient } from '../chain/federation.ts';
import { repeated } from '../node/options.ts';
import { type LoadedDeployment, readDeployment } from '../node/readDeployment.ts';
import { addJsonOption } from './action.ts';

export interface ReaderOptions {
  deployment: string;
  rpc?: string | readonly string[];
  json?: boolean;
}

export function addReaderOptions(command: Command): Command {
  return addJsonOption(
    command
      .option('--deployment <file>', 'where the federation lives', 'deployments/localhost.json')
      .option(
        '--rpc <url>',
        'JSON-RPC address of a node of the chain (default: as in the deployment); may be given again, for another',
        repeated,
      ),
  );
}

/** Opens, synchronises, hands over, closes. Errors: CONFIG_INVALID, CHAIN_UNREACHABLE, CHAIN_WRONG_ID, CONTRACT_MISSING. */
export async function withRewards<T>(
  options: ReaderOptions,
  read: (followed: Followed, deployment: LoadedDeployment) => Promise<T>,
): Promise<T> {
  const deployment = readDeployment(options.deployment);
  const connection = await connectFederation(deployment, options.rpc);
  try {
    return await read(connection, deployment);
  } finally {
    connection.close();
  }
}

export function withFederation<T>(
  options: ReaderOptions,
  read: (federation: FederationClient, deployment: LoadedDeployment) => Promise<T>,
): Promise<T> {
  return withRewards(options, ({ federation }, deployment) => read(federation, deployment));
}
