/** Logs of many blocks, page by page. */
import { TributaryError } from '../core/errors.ts';
import { refusalOf } from './failure.ts';
import type { ChainLog, LogFilter, LogRange } from './log.ts';
import { createPageSize, type PageSize } from './pageSize.ts';

/** What answers with the logs of a range of blocks. */
export interface LogSource {
  readRange(filter: LogFilter, fromBlock: number, toBlock: number): Promise<LogRange>;
  readonly pages?: PageSize;
}

/**
 * Oldest first. Providers refuse a page of too many logs, which anybody can write, or of too many blocks: it is halved until it is answered, and
 * what was answered is remembered. Errors: CHAIN_UNREACHABLE and CHAIN_REFUSED (retryable), and what a page of one block is refused with.
 */
export async function* readPages(
  source: LogSource,
  filter: LogFilter,
  fromBlock: number,
  toBlock: number,
): AsyncGenerator<LogRange & { first: number; to: number }> {
  const pages = source.pages ?? createPageSize();
  for (let first = fromBlock; first <= toBlock; ) {
    const to = Math.min(first + pages.blocks - 1, toBlock);
    let page: LogRange;
    try {
      page = await source.readRange(filter, first, to);
    } catch (cause) {
      if (to === first || !mayBeTooWide(cause)) throw cause;
      pages.refused(to - first + 1);
      continue;
    }
    pages.answered(to - first + 1);
    yield { ...page, first, to };
    first = to + 1;
  }
}

/** A provider that fails is not asked for less; whatever else it says may be its way to say this. */
function mayBeTooWide(cause: unknown): boolean {
  const refusal = refusalOf(cause);
  return refusal === 'tooWide' || refusal === 'unknown' || !(cause instanceof TributaryError);
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
