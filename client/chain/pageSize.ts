/** Blocks asked for at once at most: below the usual limits of providers. */
export const pageBlocks = 2000;

/** How many blocks' logs a provider gives at once, as its answers have shown. */
export interface PageSize {
  readonly blocks: number;
  answered(blocks: number): void;
  refused(blocks: number): void;
}

/** Pages that are answered before one as large as the last that was refused is tried again: it may have had too many logs, not too many blocks. */
const pagesUntilNextTry = 64;

export function createPageSize(): PageSize {
  let blocks = pageBlocks;
  let tooMany = Number.POSITIVE_INFINITY;
  let answeredSince = 0;
  return {
    get blocks() {
      return blocks;
    },
    answered(count) {
      if (++answeredSince % pagesUntilNextTry === 0) tooMany = Number.POSITIVE_INFINITY;
      // a page at the end of a chain is short and shows nothing
      if (count >= blocks) blocks = Math.max(blocks, Math.min(2 * count, pageBlocks, tooMany - 1));
    },
    refused(count) {
      tooMany = Math.min(tooMany, count);
      blocks = Math.min(blocks, Math.ceil(count / 2));
      answeredSince = 0;
    },
  };
}
