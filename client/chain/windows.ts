/** Windows in which who is late loses stake: long enough for a process that has to be started again, and for a busy chain. */
import type { JsonRpcProvider } from 'ethers';
import { explainChainFailure } from './failure.ts';

/** On a chain on one machine nobody is far away, and windows may be as short as a demonstration likes. */
export const developmentChainId = 31_337;

const leastSeconds = 30;
const leastBlocks = 10;
/** Over how many of the newest blocks their distance is measured. */
const measuredBlocks = 100;

/** What is wrong with the first that is too short for this chain; undefined where none is. In seconds. Errors: CHAIN_UNREACHABLE. */
export async function findShortWindow(
  provider: Pick<JsonRpcProvider, 'getBlock'>,
  chainId: number,
  windows: Readonly<Record<string, number>>,
): Promise<string | undefined> {
  const { least, blockSeconds } = await measureLeastWindow(provider, chainId);
  const short = Object.entries(windows).find(([, seconds]) => seconds < least);
  if (short === undefined) return undefined;
  const [name, seconds] = short;
  return `${name}: ${seconds} s are too short, for who misses them loses stake: ${leastBlocks} blocks of this chain take ${(leastBlocks * blockSeconds).toFixed(1)} s, and a process that is started again up to ${leastSeconds} s. Make it at least ${least} s`;
}

/** The least length of such windows on this chain, and how far apart its blocks are; nothing on a development chain. In seconds. Errors: CHAIN_UNREACHABLE. */
export async function measureLeastWindow(
  provider: Pick<JsonRpcProvider, 'getBlock'>,
  chainId: number,
): Promise<{ least: number; blockSeconds: number }> {
  if (chainId === developmentChainId) return { least: 0, blockSeconds: 0 };
  const blockSeconds = await measureBlockSeconds(provider);
  return { least: Math.max(leastSeconds, Math.ceil(leastBlocks * blockSeconds)), blockSeconds };
}

/** How far apart the newest blocks are, on average. */
async function measureBlockSeconds(provider: Pick<JsonRpcProvider, 'getBlock'>): Promise<number> {
  try {
    const newest = await provider.getBlock('latest');
    // the first block may be of 1970: development chains give it no time of its own
    const blocks = Math.min(measuredBlocks, (newest?.number ?? 0) - 1);
    if (newest === null || blocks < 1) return 0;
    const oldest = await provider.getBlock(newest.number - blocks);
    return (newest.timestamp - oldest!.timestamp) / blocks;
  } catch (cause) {
    throw explainChainFailure(cause, "measuring the chain's blocks");
  }
}
