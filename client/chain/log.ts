import type { Block, Filter, Log } from 'ethers';

/** Whose logs, and which. */
export type LogFilter = Pick<Filter, 'address' | 'topics'>;
/** As ethers has it, without what nobody reads. */
export type ChainLog = Pick<
  Log,
  'address' | 'topics' | 'data' | 'blockNumber' | 'blockHash' | 'index' | 'transactionHash'
>;
/** The logs of a range of blocks, with the block where it ends. */
export interface LogRange {
  last: Block;
  logs: ChainLog[];
}

/** No other log has it, on this or on another branch of the chain. */
export function idOfLog({ blockHash, index }: Pick<ChainLog, 'blockHash' | 'index'>): string {
  return `${blockHash}/${index}`;
}
