/** What several nodes say of the same blocks. One that leaves a log out hides it only where all do. */
import { type ChainLog, idOfLog, type LogRange } from './log.ts';

/** What a node says otherwise than the others. */
export interface Disagreement {
  /** It has another block of this number, or leaves out logs of the same. */
  kind: 'otherBlock' | 'fewerLogs';
  /** Its address, as the person gave it. */
  url: string;
  /** The block of which it has another opinion. */
  block: number;
  /** A part of a sentence. */
  difference: string;
}

/** How long others are waited for when one has answered, in milliseconds. */
const graceMs = 3000;

interface Said {
  url: string;
  range: LogRange;
}

/**
 * Asks all at once. Answers with the logs of all that have the same last block as the first of them that answers at all, and with what others
 * say. Errors: the first's, where none answers.
 */
export async function readFromAll(
  urls: readonly string[],
  read: (index: number) => Promise<LogRange>,
): Promise<{ range: LogRange; disagreements: Disagreement[] }> {
  const said: (Said | undefined)[] = urls.map(() => undefined);
  const asked = urls.map(async (url, index) => {
    said[index] = { url, range: await read(index) };
  });
  await Promise.any(asked).catch(({ errors }: AggregateError) => {
    throw errors[0];
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const grace = new Promise((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.allSettled(asked), grace]);
  clearTimeout(timer);
  return unite(said.filter((each) => each !== undefined));
}

function unite(said: readonly Said[]): { range: LogRange; disagreements: Disagreement[] } {
  const [base, ...others] = said as [Said, ...Said[]];
  const same = said.filter(({ range }) => range.last.hash === base.range.last.hash);
  const all = new Map(same.flatMap(({ range }) => range.logs).map((log) => [idOfLog(log), log]));
  const disagreements = [
    ...others.filter((each) => !same.includes(each)).map((each) => otherBlock(base, each)),
    ...same.filter(({ range }) => range.logs.length < all.size).map((each) => fewerLogs(each, [...all.values()])),
  ];
  const logs = [...all.values()].sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
  return { range: { last: base.range.last, logs }, disagreements };
}

function otherBlock({ range: { last } }: Said, { url, range }: Said): Disagreement {
  const difference = `it has ${range.last.hash} where another node has ${last.hash}`;
  return { kind: 'otherBlock', url, block: last.number, difference };
}

function fewerLogs({ url, range }: Said, all: readonly ChainLog[]): Disagreement {
  const known = new Set(range.logs.map(idOfLog));
  const missing = all.filter((log) => !known.has(idOfLog(log)));
  const difference = `it leaves out ${missing.length} logs that another node has`;
  return { kind: 'fewerLogs', url, block: missing[0]!.blockNumber, difference };
}

/** Readings in a row with another block before it is said: for a while every chain has two newest blocks. */
const readingsOfForks = 5;

/** Takes what each reading shows, and hands on what is to be said: once, until the node has agreed again. */
export function createComparisonWatch(say: (disagreement: Disagreement) => void): OnComparison {
  const inARow = new Map<string, number>();
  return (disagreements) => {
    const disagreeing = new Map(disagreements.map((each) => [`${each.url} ${each.kind}`, each]));
    for (const key of [...inARow.keys()]) if (!disagreeing.has(key)) inARow.delete(key);
    for (const [key, disagreement] of disagreeing) {
      const count = (inARow.get(key) ?? 0) + 1;
      inARow.set(key, count);
      if (count === (disagreement.kind === 'otherBlock' ? readingsOfForks : 1)) say(disagreement);
    }
  };
}

/** Is told of each reading of several nodes what some of them say otherwise. */
export type OnComparison = (disagreements: readonly Disagreement[]) => void;
