/**
 * A contract's events in order, by block cursor. A chain may take blocks back: events are kept with their blocks, and when
 * the hash of the last block seen has changed, the newest blocks are forgotten and read again.
 *
 * No empty, short or late answer hides an event for ever. Behind one address there may be many machines, some of them blocks behind, which
 * answer "no logs" for blocks they do not know. So (1) logs are asked for in one request with the block where they end, and count only where that
 * answer knew the block; and, since a balancer may take even such a request apart, (2) no block is settled by one answer: every
 * block is read at least twice, on each look until it lies `settledBlocks` deep and a reading has brought all that is known of it and nothing
 * new. What is found late takes its place in the order, as after a reorganisation. For an event to be missed, every one of these
 * readings would have to be wrong. The blooms of block headers decide nothing: some chains leave them empty, on busy ones they are full.
 */
import type { Block, LogDescription } from 'ethers';
import { contractInterface, type EventName } from '../contracts/contracts.ts';
import type { ContractName } from '../contracts/names.ts';
import { lagsBehind } from './attempts.ts';
import { createClock } from './clock.ts';
import { describeWire, explainChainFailure, unreachable } from './failure.ts';
import { type ChainLog, idOfLog } from './log.ts';
import { type LogSource, readPages } from './logs.ts';
import type { ChainProvider } from './provider.ts';

/** An event of a contract. */
export interface ChainEvent<N extends ContractName = ContractName> {
  /** No other event has it, on this or on another branch of the chain: its block's hash and its place among the block's. */
  id: string;
  name: EventName<N>;
  args: LogDescription['args'];
  blockNumber: number;
  transactionHash: string;
}

interface ReadEvent<N extends ContractName> extends ChainEvent<N> {
  blockHash: string;
  /** Among those of its block. */
  index: number;
}

/** The newest block that was read. */
export interface Head {
  number: number;
  /** Empty until all events up to the block have been read. */
  hash: string;
  /** Seconds since 1970. */
  timestamp: number;
}

/** The events of one contract, in the order of the chain. */
export interface EventFeed<N extends ContractName = ContractName> {
  /**
   * The chain's clock, in seconds: the newest block's time, or later where our own clock, less what it was ahead of
   * recent blocks when they arrived, says so. Never ahead of the chain: what delays a block only adds to that.
   */
  time(): number;
  /** The newest block that was read, and its time. */
  head(): Head;
  /**
   * Reads what is new. `rewound` says that earlier events have been taken back, or that one was found late: `events` then holds all from
   * the start. Errors: CHAIN_UNREACHABLE (retryable).
   */
  poll(): Promise<{ events: ChainEvent<N>[]; rewound: boolean }>;
  /** The next `poll` reads all blocks again, and hands over all events. */
  readAgain(): void;
}

/** What a feed asks of a node of the chain. */
export type FeedSource = Pick<ChainProvider, 'getBlock'> & LogSource;

/** How many of the newest blocks are read again after a reorganisation; doubled until the hashes agree. */
const rewindBlocks = 16;

/** Machines of one provider may be so many blocks apart. */
const settledBlocks = 64;

interface SeenBlock {
  number: number;
  hash: string;
}

/** Reads the events of the contract at `address` from `fromBlock` on. Nothing is read before `poll` is called. */
export function createEventFeed<N extends ContractName>(
  source: FeedSource,
  address: string,
  contract: N,
  fromBlock: number,
): EventFeed<N> {
  /** In the order of the chain. */
  let events: ReadEvent<N>[] = [];
  const head: Head = { number: fromBlock - 1, hash: '', timestamp: 0 };
  /** What is up to here is not read again; `confirmed` says that all up to the head has been read twice. */
  let settled = fromBlock - 1;
  let confirmed = false;
  const clock = createClock();
  let marks: SeenBlock[] = [];
  /** How many events have been handed over, and whether earlier ones were taken back since: a failure in between loses neither. */
  let delivered = 0;
  let rewound = false;

  async function poll(): Promise<{ events: ChainEvent<N>[]; rewound: boolean }> {
    try {
      const latest = await source.getBlock('latest');
      if (latest === null) throw unreachable('eth_getBlockByNumber', 'no newest block');
      await rewindToCommonBlock(latest);
      const isSeen = latest.hash === marks.at(-1)?.hash;
      // a machine that is behind has nothing to say
      if (latest.number >= head.number && !(isSeen && confirmed)) await readUpTo(latest.number);
      const news = { events: events.slice(rewound ? 0 : delivered), rewound };
      delivered = events.length;
      rewound = false;
      return news;
    } catch (cause) {
      throw explainChainFailure(cause, 'reading events');
    }
  }

  async function readUpTo(newest: number): Promise<void> {
    const readBefore = head.number;
    let agreed = true;
    for await (const { first, to, logs, last } of readPages(source, { address }, settled + 1, newest)) {
      const agrees = await takeIn(logs, first, to, readBefore);
      agreed &&= agrees;
      if (agreed) settled = Math.max(settled, Math.min(to, readBefore, newest - settledBlocks));
      if (to > head.number) [head.number, head.hash] = [to, ''];
      if (to === newest) markHead({ number: to, hash: last.hash! }, last.timestamp);
    }
    confirmed = agreed && readBefore === newest;
  }

  /** Answers whether the reading brought all that was known of these blocks, and nothing else in those read before. */
  async function takeIn(logs: readonly ChainLog[], first: number, to: number, readBefore: number): Promise<boolean> {
    const known = new Map(events.map((event) => [event.id, event]));
    const found = readEvents(contract, logs, known);
    const ids = new Set(found.map(({ id }) => id));
    const missing = events.filter(({ id, blockNumber }) => blockNumber >= first && blockNumber <= to && !ids.has(id));
    for (const event of missing) await forgetIfTakenBack(event);
    const fresh = found.filter(({ id }) => !known.has(id));
    const newestDelivered = events[delivered - 1];
    if (newestDelivered && fresh.some((event) => inOrder(event, newestDelivered) < 0)) rewound = true;
    if (fresh.length > 0) events = [...events, ...fresh].sort(inOrder);
    return missing.length === 0 && fresh.every(({ blockNumber }) => blockNumber > readBefore);
  }

  /** An event is believed while its block is on the chain, whatever an answer leaves out. */
  async function forgetIfTakenBack({ id, blockNumber, blockHash }: ReadEvent<N>): Promise<void> {
    const block = await source.getBlock(blockNumber);
    if (block === null || block.hash === blockHash) return;
    events = events.filter((event) => event.id !== id);
    rewound = true;
  }

  function markHead(mark: SeenBlock, timestamp: number): void {
    const isNew = marks.at(-1)?.hash !== mark.hash;
    [head.hash, head.timestamp] = [mark.hash, timestamp];
    if (!isNew) return;
    clock.compare(timestamp);
    marks = [...marks.filter(({ number }) => number < mark.number), mark].slice(-256);
  }

  /** Drops the marks, and the events behind them, that the chain no longer has. A machine that is behind shows nothing of that. */
  async function rewindToCommonBlock(latest: Block): Promise<void> {
    for (let depth = rewindBlocks; ; depth *= 2) {
      const mark = marks.findLast(({ number }) => number <= latest.number);
      if (mark === undefined) break;
      const block = mark.number === latest.number ? latest : await source.getBlock(mark.number);
      if (block === null) throw lagsBehind('eth_getBlockByNumber', mark.number);
      if (block.hash === mark.hash) break;
      rewound = true;
      const keepBelow = mark.number - depth;
      marks = marks.filter(({ number }) => number < keepBelow);
      [head.number, head.hash] = [marks.at(-1)?.number ?? fromBlock - 1, marks.at(-1)?.hash ?? ''];
    }
    if (!rewound) return;
    settled = Math.min(settled, head.number);
    confirmed = false;
    events = events.filter(({ blockNumber }) => blockNumber <= head.number);
  }

  return {
    poll,
    time: () => Math.max(head.timestamp, clock.time()),
    head: () => head,
    readAgain() {
      settled = fromBlock - 1;
      confirmed = false;
      rewound = true;
    },
  };
}

/** What is known already is not decoded again. */
function readEvents<N extends ContractName>(
  contract: N,
  logs: readonly ChainLog[],
  known: ReadonlyMap<string, ReadEvent<N>>,
): ReadEvent<N>[] {
  const read = logs.map((log) => known.get(idOfLog(log)) ?? readEvent(contract, log));
  return read.filter((event) => event !== undefined);
}

/** Undefined where the contract has no such event. */
function readEvent<N extends ContractName>(contract: N, log: ChainLog): ReadEvent<N> | undefined {
  const parsed = contractInterface(contract).parseLog(log);
  if (parsed === null) return undefined;
  const { blockHash, index, blockNumber, transactionHash } = log;
  return { id: idOfLog(log), name: parsed.name, args: parsed.args, blockNumber, transactionHash, blockHash, index };
}

/** Where an event stands on the chain. */
type Place = Pick<ReadEvent<ContractName>, 'blockNumber' | 'index'>;

function inOrder(a: Place, b: Place): number {
  return a.blockNumber - b.blockNumber || a.index - b.index;
}

/** So often in a row do events not fit before it is a defect, and no answer that was short. */
const mostMisfits = 5;

/**
 * Folds events into a state. Where one does not follow from those before it, one of those is missing, and all are read again.
 * Errors: CHAIN_UNREACHABLE (retryable).
 */
export function createFolding(feed: Pick<EventFeed, 'readAgain'>): (fold: () => void) => void {
  let misfits = 0;
  return (fold) => {
    try {
      fold();
      misfits = 0;
    } catch (cause) {
      feed.readAgain();
      if (++misfits > mostMisfits) throw cause;
      throw unreachable('reading events', `one is missing: ${describeWire(cause)}`, { cause });
    }
  };
}
