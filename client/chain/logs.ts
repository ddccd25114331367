/** Logs of many blocks, page by page. */
import type { Filter, JsonRpcProvider, Log } from 'ethers';

/** Blocks asked for at once: below the usual limits of providers. */
export const pageBlocks = 2000;

/**
 * Oldest first. Providers refuse a page of too many logs, which anybody can write: it is halved until it is answered. Errors: the
 * provider's.
 */
export async function readLogs(
  provider: Pick<JsonRpcProvider, 'getLogs'>,
  filter: Pick<Filter, 'address' | 'topics'>,
  fromBlock: number,
  toBlock: number,
): Promise<Log[]> {
  const logs: Log[] = [];
  let blocks = pageBlocks;
  for (let first = fromBlock; first <= toBlock; ) {
    const last = Math.min(first + blocks - 1, toBlock);
    try {
      logs.push(...(await provider.getLogs({ ...filter, fromBlock: first, toBlock: last })));
      first = last + 1;
    } catch (cause) {
      if (last === first) throw cause;
      blocks = Math.ceil((last - first + 1) / 2);
    }
  }
  return logs;
}
