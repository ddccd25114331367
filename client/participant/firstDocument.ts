/** A JSON document that several peers may have: the next is asked beside one that is slow, and the first that has what is wanted counts. */
import { TributaryError } from '../core/errors.ts';
import { hedged } from '../storage/hedge.ts';
import { type AskOptions, fetchDocument } from '../storage/peer.ts';

const patienceMs = 1000;

interface Wanted<T> {
  /** What is wanted of the document; undefined where it is not in it. Errors: CONFIG_INVALID. */
  read(document: unknown): T | undefined | Promise<T | undefined>;
  limits: AskOptions & { maxBytes: number };
  /** Until a peer is given up. */
  timeoutMs: number;
}

/** Undefined where nobody has it. */
export async function firstDocument<T>(
  endpoints: readonly string[],
  path: string,
  { read, limits, timeoutMs }: Wanted<T>,
): Promise<T | undefined> {
  const defects: unknown[] = [];
  const found = await hedged<string, T>(endpoints, {
    async ask({ source, signal }) {
      try {
        const wanted = await read(await fetchDocument(source, path, { ...limits, signal }));
        if (wanted === undefined) throw new TributaryError('BLOB_UNAVAILABLE', `${source} does not have it.`);
        return wanted;
      } catch (error) {
        if (!(error instanceof TributaryError)) defects.push(error);
        throw error;
      }
    },
    patienceMs: () => patienceMs,
    timeoutMs,
    signal: limits.signal,
  });
  if (defects.length > 0) throw defects[0];
  return found?.answer;
}
