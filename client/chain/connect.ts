import type { JsonRpcProvider } from 'ethers';
import type { ChallengeContractName } from '../contracts/names.ts';
import { TributaryError } from '../core/errors.ts';
import { createPost } from './post.ts';
import { ChainProvider, requestTimeoutSeconds } from './provider.ts';

/** Where the contracts of a federation are: addresses, `0x…`. */
export interface Addresses {
  chainId: number;
  token: string;
  stake: string;
  federation: string;
  policy: string;
  rewards: string;
  challenges: Record<ChallengeContractName, string>;
  governance: Record<'treasury' | 'governor' | 'votingPower' | 'factory' | 'governedCalls', string>;
}

/** How often, and how far apart, a contract is looked for: a machine may not know yet what was deployed just now. */
const looks = 6;
const pauseMs = 500;

/** Errors: CHAIN_UNREACHABLE (retryable). */
export async function connectChain(rpcUrl: string): Promise<ChainProvider> {
  return new ChainProvider(rpcUrl, await askChainId(rpcUrl));
}

async function askChainId(rpcUrl: string): Promise<bigint> {
  try {
    const payload = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] };
    const { result } = (await createPost(rpcUrl, requestTimeoutSeconds)('eth_chainId', payload)) as { result?: string };
    return BigInt(result!);
  } catch (cause) {
    throw new TributaryError(
      'CHAIN_UNREACHABLE',
      `No chain answers at ${rpcUrl}: start one (\`npx tributary chain\`) or give another address with --rpc.`,
      { cause, retryable: true, args: { rpcUrl } },
    );
  }
}

/** Errors: CHAIN_WRONG_ID, CONTRACT_MISSING. */
export async function checkDeployment(provider: JsonRpcProvider, addresses: Addresses): Promise<void> {
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(addresses.chainId)) {
    throw new TributaryError(
      'CHAIN_WRONG_ID',
      `The federation lives on chain ${addresses.chainId}, but the RPC address answers for chain ${chainId}: give the address of a node of chain ${addresses.chainId} with --rpc.`,
      { args: { expected: addresses.chainId, actual: Number(chainId) } },
    );
  }
  const { token, stake, federation, policy, rewards, challenges, governance } = addresses;
  const contracts = { token, stake, federation, policy, rewards, ...challenges, ...governance };
  for (const [name, address] of Object.entries(contracts)) {
    if (await hasCode(provider, address)) continue;
    throw new TributaryError(
      'CONTRACT_MISSING',
      `There is no ${name} contract at ${address} on chain ${chainId}: the chain was started anew or the deployment file is of another one; deploy again.`,
      { args: { name, address } },
    );
  }
}

async function hasCode(provider: JsonRpcProvider, address: string): Promise<boolean> {
  for (let look = 1; look <= looks; look++) {
    if ((await provider.getCode(address)) !== '0x') return true;
    if (look < looks) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return false;
}
