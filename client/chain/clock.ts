/** Blocks from which our clock is compared with the chain's. */
const comparedBlocks = 32;

export interface Clock {
  /** Says when, in seconds since 1970, the block that has just arrived was made. */
  compare(timestamp: number): void;
  /** Our clock, in seconds, less the least that it was ahead of recent blocks when they arrived. */
  time(): number;
}

export function createClock(): Clock {
  let leads: number[] = [];
  return {
    compare(timestamp) {
      leads = [...leads, Date.now() / 1000 - timestamp].slice(-comparedBlocks);
    },
    time: () => Date.now() / 1000 - Math.min(...leads),
  };
}
