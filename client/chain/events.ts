/**
 * A contract's events in order, by block cursor. A chain may take blocks back: events are kept with their blocks, and when
 * the hash of the last block seen has changed, the newest blocks are forgotten and read again.
 */
import type { JsonRpcProvider, Log, LogDescription } from 'ethers';
import { type ContractName, contractInterface } from './artifacts.ts';
import { explainChainFailure } from './failure.ts';
import { pageBlocks, readLogs } from './logs.ts';

export interface ChainEvent {
  /** No other event has it, on this or on another branch of the chain: its block's hash and its place among the block's. */
  id: string;
  name: string;
  args: LogDescription['args'];
  blockNumber: number;
  transactionHash: string;
}

export interface Head {
  number: number;
  /** Empty until all events up to the block have been read. */
  hash: string;
  /** Seconds since 1970. */
  timestamp: number;
}

export interface EventFeed {
  /**
   * The chain's clock, in seconds: the newest block's time, or later where our own clock, less what it was ahead of
   * recent blocks when they arrived, says so. Never ahead of the chain: what delays a block only adds to that.
   */
  time(): number;
  /** The newest block that was read, and its time. */
  head(): Head;
  /**
   * Reads what is new. `rewound` says that earlier events have been taken back: `events` then holds all from the start.
   * Errors: CHAIN_UNREACHABLE (retryable).
   */
  poll(): Promise<{ events: ChainEvent[]; rewound: boolean }>;
}

/** How many of the newest blocks are read again after a reorganisation; doubled until the hashes agree. */
const rewindBlocks = 16;

/** Blocks from which our clock is compared with the chain's. */
const comparedBlocks = 32;

interface SeenBlock {
  number: number;
  hash: string;
}

export function createEventFeed(
  provider: JsonRpcProvider,
  address: string,
  contract: ContractName,
  fromBlock: number,
): EventFeed {
  const events: ChainEvent[] = [];
  const head: Head = { number: fromBlock - 1, hash: '', timestamp: 0 };
  let leads: number[] = [];
  let marks: SeenBlock[] = [];
  /** How many events have been handed over, and whether earlier ones were taken back since: a failure in between loses neither. */
  let delivered = 0;
  let rewound = false;

  async function poll(): Promise<{ events: ChainEvent[]; rewound: boolean }> {
    try {
      const latest = await provider.getBlock('latest');
      if (latest === null) return { events: [], rewound: false };
      if (latest.number === head.number && latest.hash === marks.at(-1)?.hash) return { events: [], rewound: false };
      await rewindToCommonBlock(latest.number);
      for (let from = head.number + 1; from <= latest.number; from = head.number + 1) {
        const to = Math.min(from + pageBlocks - 1, latest.number);
        const logs = await readLogs(provider, { address }, from, to);
        events.push(...logs.map(toEvent).filter((event) => event !== undefined));
        [head.number, head.hash] = [to, ''];
      }
      [head.timestamp, head.hash] = [latest.timestamp, latest.hash!];
      leads = [...leads, Date.now() / 1000 - latest.timestamp].slice(-comparedBlocks);
      marks = [
        ...marks.filter(({ number }) => number < latest.number),
        { number: latest.number, hash: latest.hash! },
      ].slice(-256);
      const news = { events: events.slice(rewound ? 0 : delivered), rewound };
      delivered = events.length;
      rewound = false;
      return news;
    } catch (cause) {
      throw explainChainFailure(cause, 'reading events');
    }
  }

  /** Drops the marks, and the events behind them, that the chain no longer has. */
  async function rewindToCommonBlock(latestNumber: number): Promise<void> {
    for (let depth = rewindBlocks; ; depth *= 2) {
      const mark = marks.at(-1);
      if (mark === undefined) break;
      const block = mark.number <= latestNumber ? await provider.getBlock(mark.number) : null;
      if (block?.hash === mark.hash) break;
      rewound = true;
      const keepBelow = mark.number - depth;
      marks = marks.filter(({ number }) => number < keepBelow);
    }
    if (rewound) {
      [head.number, head.hash] = [marks.at(-1)?.number ?? fromBlock - 1, ''];
      events.splice(0, events.length, ...events.filter(({ blockNumber }) => blockNumber <= head.number));
    }
  }

  return {
    poll,
    time: () => Math.max(head.timestamp, Date.now() / 1000 - Math.min(...leads)),
    head: () => head,
  };

  function toEvent(log: Log): ChainEvent | undefined {
    const parsed = contractInterface(contract).parseLog(log);
    if (parsed === null) return undefined;
    const { blockHash, index, blockNumber, transactionHash } = log;
    return { id: `${blockHash}/${index}`, name: parsed.name, args: parsed.args, blockNumber, transactionHash };
  }
}
