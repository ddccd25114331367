/** Windows in which who is late loses stake: long enough for a process that has to be started again, and for a busy chain. */
import type { JsonRpcProvider } from 'ethers';
import { explainChainFailure } from '../chain/failure.ts';
import { TributaryError } from '../core/errors.ts';
import { type FederationChoices, scoreWindowsOf } from './choices.ts';

const leastSeconds = 30;
const leastBlocks = 10;
/** Over how many of the newest blocks their distance is measured. */
const measuredBlocks = 100;

/** Errors: CONFIG_INVALID, naming the window; CHAIN_UNREACHABLE. */
export async function checkWindows(provider: JsonRpcProvider, choices: FederationChoices): Promise<void> {
  const blockSeconds = await measureBlockSeconds(provider);
  const least = Math.max(leastSeconds, Math.ceil(leastBlocks * blockSeconds));
  const { answerSeconds } = choices;
  for (const [name, seconds] of Object.entries({ ...scoreWindowsOf(choices), answerSeconds })) {
    if (seconds >= least) continue;
    throw new TributaryError(
      'CONFIG_INVALID',
      `windows.${name}: ${seconds} s are too short, for who misses them loses stake: ${leastBlocks} blocks of this chain take ${(leastBlocks * blockSeconds).toFixed(1)} s, and a process that is started again up to ${leastSeconds} s. Give it at least ${least} s, or lengthen challengeSeconds, of which a fifth each is left to reveal and to publish.`,
      { args: { field: `windows.${name}`, seconds, least } },
    );
  }
}

/** How far apart the newest blocks are, on average. */
async function measureBlockSeconds(provider: JsonRpcProvider): Promise<number> {
  try {
    const newest = await provider.getBlock('latest');
    if (newest === null || newest.number === 0) return 0;
    const blocks = Math.min(measuredBlocks, newest.number);
    const oldest = await provider.getBlock(newest.number - blocks);
    return (newest.timestamp - oldest!.timestamp) / blocks;
  } catch (cause) {
    throw explainChainFailure(cause, "measuring the chain's blocks");
  }
}
