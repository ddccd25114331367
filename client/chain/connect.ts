import type { JsonRpcError, JsonRpcProvider, JsonRpcResult } from 'ethers';
import type { ChallengeContractName } from '../contracts/names.ts';
import { TributaryError } from '../core/errors.ts';
import { askAgain } from './attempts.ts';
import { describeWire, explainChainFailure, firstLine, refusalOf, refusedByNode, unreachable } from './failure.ts';
import { ChainProvider } from './provider.ts';
import { classify, wordsOf } from './refusals.ts';
import { createRpcNode, type RpcReply } from './rpcNode.ts';

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

/** Of several nodes those count that answer. Errors: CHAIN_UNREACHABLE (retryable), CHAIN_WRONG_ID where they are of different chains. */
export async function connectChain(rpcUrl: string | readonly string[]): Promise<ChainProvider> {
  const urls = [rpcUrl].flat();
  const asked = await Promise.allSettled(urls.map(askChainId));
  const answers = asked.flatMap((each, index) => (each.status === 'fulfilled' ? { id: each.value, index } : []));
  const [first] = answers;
  if (first === undefined) throw (asked[0] as PromiseRejectedResult).reason;
  const other = answers.find(({ id }) => id !== first.id);
  if (other !== undefined) {
    const [one, two] = [first, other].map(({ id, index }) => `${urls[index]} of chain ${id}`);
    const message = `The addresses of --rpc are nodes of different chains: ${one}, ${two}: give nodes of one chain.`;
    throw new TributaryError('CHAIN_WRONG_ID', message, {
      args: { expected: Number(first.id), actual: Number(other.id) },
    });
  }
  return new ChainProvider(urls, first.id);
}

async function askChainId(rpcUrl: string): Promise<bigint> {
  const payload = { jsonrpc: '2.0' as const, id: 1, method: 'eth_chainId', params: [] };
  const node = createRpcNode(rpcUrl);
  try {
    return await askAgain(
      async () => readChainId(await node.ask([payload])),
      1,
      () => undefined,
    );
  } catch (cause) {
    if (refusalOf(cause) !== undefined) throw explainChainFailure(cause, `connecting to the chain at ${rpcUrl}`);
    const { reason = cause, isDead } = cause instanceof TributaryError ? cause.args : {};
    const advice = isDead ? 'start one (`npx tributary chain`) or give another address' : 'give another address';
    const message = `No chain answers at ${rpcUrl} (${describeWire(reason)}): ${advice} with --rpc.`;
    throw new TributaryError('CHAIN_UNREACHABLE', message, { cause, retryable: true });
  }
}

function readChainId([reply]: readonly RpcReply[]): bigint {
  const { result, error } = reply as Partial<JsonRpcResult & JsonRpcError>;
  if (error != null) {
    throw refusedByNode('eth_chainId', classify('eth_chainId', error), firstLine(wordsOf(error)));
  }
  if (typeof result !== 'string' || !/^0x[0-9a-f]+$/i.test(result)) throw unreachable('eth_chainId', 'no chain id');
  return BigInt(result);
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
