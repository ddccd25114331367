/** Asks sources for the blocks of one blob: who served goes to the front, who failed to the back, so that later blocks profit from it. */
import type { CID } from 'multiformats/cid';
import { TributaryError } from '../core/errors.ts';
import { hedged } from './hedge.ts';
import { type BlockOptions, type BlockSource, mismatch, patienceOf, throwIfStopped, verifyBlock } from './source.ts';

export interface Asking {
  /** The verified block. Errors: BLOB_UNAVAILABLE, BLOB_MISMATCH (both retryable), ABORTED. */
  block(wanted: CID, options: BlockOptions): Promise<Uint8Array>;
  /** Who is asked, whoever served last first. */
  order(): readonly BlockSource[];
}

/** `servedBy` is told who served. */
export function createAsking(
  blob: CID,
  sources: readonly BlockSource[],
  servedBy: Set<BlockSource>,
  { signal: stopped, blockTimeoutMs }: { signal: AbortSignal; blockTimeoutMs: number },
): Asking {
  const order = [...sources];

  async function block(wanted: CID, { into, signal, maxBytes }: BlockOptions): Promise<Uint8Array> {
    throwIfStopped(stopped, blob);
    const reasons = new Set<string>();
    let lied = false;
    let hasFailed = false;
    const given = await hedged<BlockSource, Uint8Array>([...order], {
      async ask(attempt, index) {
        // the room is the first one's: two that fill it would spoil it
        const room = index === 0 ? into : undefined;
        const bytes = await attempt.source.getBlock(wanted, { maxBytes, signal: attempt.signal, into: room });
        if (bytes === undefined) throw new Absent();
        await verifyBlock(wanted, bytes, attempt.source.name);
        return bytes;
      },
      patienceMs: patienceOf,
      timeoutMs: blockTimeoutMs,
      isEarly: (reason) => reason instanceof Absent,
      onFailure({ source, startedAt }, error) {
        reasons.add(describe(source, error));
        if (error instanceof Absent || signal.aborted) return;
        hasFailed = true;
        lied ||= error instanceof TributaryError && error.code === 'BLOB_MISMATCH';
        source.judge?.(false, performance.now() - startedAt);
        move(order, source, order.length - 1);
      },
      signal,
    });
    if (given !== undefined) {
      const { source, startedAt } = given.attempt;
      source.judge?.(true, performance.now() - startedAt);
      servedBy.add(source);
      move(order, source, 0);
      return given.answer;
    }
    throwIfStopped(stopped, blob);
    const why = reasons.size > 0 ? [...reasons].join('; ') : 'there is no peer to ask';
    if (lied) throw mismatch(`The block ${wanted} of blob ${blob} could not be had unaltered: ${why}.`, true);
    throw unavailable(`The block ${wanted} of blob ${blob} is not available now: ${why}. Try again later.`, hasFailed);
  }

  return { block, order: () => order };
}

class Absent extends Error {}

function describe(source: BlockSource, error: unknown): string {
  if (error instanceof Absent) return `${source.name} does not have it`;
  if (error instanceof TributaryError) return error.message;
  return `${source.name} failed (${error instanceof Error ? error.message : String(error)})`;
}

/** `hasFailed`: somebody who was asked did not answer as it should, which is another thing than not to have it. */
function unavailable(message: string, hasFailed: boolean): TributaryError {
  return new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true, args: { hasFailed } });
}

function move<T>(items: T[], item: T, to: number): void {
  items.splice(items.indexOf(item), 1);
  items.splice(to, 0, item);
}
