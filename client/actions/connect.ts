/** A federation on chain, without key or folder: what everything begins with that only reads. */
import { checkDeployment, connectChain } from '../chain/connect.ts';
import { type Deployment, rpcUrlOf } from '../chain/deployment.ts';
import { type FederationClient, openFederation } from '../chain/federation.ts';
import { openRewards, type RewardsClient } from '../chain/rewards.ts';
import type { Sender } from '../chain/sender.ts';

/** A federation and its rewards, followed by their events. */
export interface Followed {
  /** As of the last `sync`, as `rewards` is. */
  federation: FederationClient;
  rewards: RewardsClient;
}

/** What is followed, until it is closed. */
export interface Connection extends Followed {
  close(): void;
}

/** For what acts for an account: it takes a key too. */
export interface Signed extends Followed {
  sender: Sender;
}

/**
 * Both are synchronised. `rpcUrl`: a node of the chain, in place of the deployment's.
 * Errors: CHAIN_UNREACHABLE, CHAIN_WRONG_ID, CONTRACT_MISSING.
 */
export async function connectFederation(
  deployment: Deployment,
  rpcUrl?: string | readonly string[],
): Promise<Connection> {
  const provider = await connectChain(rpcUrlOf(deployment, rpcUrl));
  try {
    await checkDeployment(provider, deployment);
    const federation = openFederation(provider, deployment, deployment.deployBlock);
    const rewards = openRewards(provider, deployment, deployment.deployBlock);
    await Promise.all([federation.sync(), rewards.sync()]);
    return { federation, rewards, close: () => provider.destroy() };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}
