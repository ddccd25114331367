/** Logs of many blocks, page by page. */
import { TributaryError } from '../core/errors.ts';
import type { ChainLog, ChainProvider, LogFilter, LogRange } from './provider.ts';

/** Blocks asked for at once: below the usual limits of providers. */
export const pageBlocks = 2000;

/** What answers with the logs of a range of blocks. */
export type LogSource = Pick<ChainProvider, 'readRange'>;

/**
 * Oldest first. Providers refuse a page of too many logs, which anybody can write, or of too many blocks: it is halved until it is
 * answered, and grows again. Errors: CHAIN_UNREACHABLE (retryable), and what a page of one block is refused with.
 */
export async function* readPages(
  source: LogSource,
  filter: LogFilter,
  fromBlock: number,
  toBlock: number,
): AsyncGenerator<LogRange & { first: number; to: number }> {
  let blocks = pageBlocks;
  for (let first = fromBlock; first <= toBlock; ) {
    const to = Math.min(first + blocks - 1, toBlock);
    let page: LogRange;
    try {
      page = await source.readRange(filter, first, to);
    } catch (cause) {
      // a provider that fails is not asked for less
      if (to === first || cause instanceof TributaryError) throw cause;
      blocks = Math.ceil((to - first + 1) / 2);
      continue;
    }
    yield { ...page, first, to };
    first = to + 1;
    blocks = Math.min(2 * blocks, pageBlocks);
  }
}

/** All pages together. Errors: as `readPages`. */
export async function readLogs(
  source: LogSource,
  filter: LogFilter,
  fromBlock: number,
  toBlock: number,
): Promise<ChainLog[]> {
  const logs: ChainLog[] = [];
  for await (const page of readPages(source, filter, fromBlock, toBlock)) logs.push(...page.logs);
  return logs;
}
