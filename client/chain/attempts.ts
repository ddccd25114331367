/** How often the same is asked of a provider before its failure is told: the machines behind it differ, and rest soon. */
import { TributaryError } from '../core/errors.ts';
import { isOfProvider, refusalOf, unreachable } from './failure.ts';

/** Pauses in milliseconds: the first, what it grows to, and how many attempts there are. */
interface Patience {
  attempts: number;
  firstMs: number;
  longestMs: number;
}

/** Some machines behind one address do not know a block yet: others do. */
const withMachinesBehind: Patience = { attempts: 10, firstMs: 10, longestMs: 400 };
/** So many are asked without a pause. */
const machinesAtOnce = 2;
/** Limits are counted by the second. */
const withFailures: Patience = { attempts: 7, firstMs: 20, longestMs: 1000 };
/** A node that says when to come back is believed when it has refused so often, up to this: till then it may be one machine of many. */
const refusalsAtOnce = 3;
const longestRetryAfterMs = 5000;

/** After so long nothing more is attempted, in milliseconds: a node that lets requests time out is not asked seven times. */
const longestAttemptsMs = 5000;

/** Of one question: how many attempts have failed, for each cause. */
export interface Attempts {
  behind: number;
  failed: number;
  /** Of `failed` those that said that they are asked too often. */
  limited: number;
}

/**
 * Until it is answered, by one of so many nodes: `next` hears of the failures so far and turns to the next of them, which is asked at once where it
 * was not yet. Errors: what the last attempt throws, where trying again has not helped or would not.
 */
export async function askAgain<T>(ask: () => Promise<T>, nodes: number, next: (failed: Attempts) => void): Promise<T> {
  const failed: Attempts = { behind: 0, failed: 0, limited: 0 };
  const startedAt = Date.now();
  for (let asked = 1; ; asked++) {
    try {
      return await ask();
    } catch (error) {
      if (refusalOf(error) === 'limited') failed.limited++;
      const mayBeElsewhere = asked < nodes && mayBeAnsweredElsewhere(error);
      // who waited long for nothing says so
      if (!mayBeElsewhere && failed.limited === 0 && Date.now() - startedAt > longestAttemptsMs) throw error;
      if (!mayBeElsewhere) await pause(pauseAfter(error, failed));
      next(failed);
    }
  }
}

/** What is wrong with a node is not wrong with the next. */
function mayBeAnsweredElsewhere(error: unknown): boolean {
  return error instanceof TributaryError && isOfProvider(error);
}

/** In milliseconds. Errors: `error` itself, where it is no use. */
function pauseAfter(error: unknown, failed: Attempts): number {
  if (!(error instanceof TributaryError) || error.code !== 'CHAIN_UNREACHABLE' || error.args.isDead === true)
    throw error;
  const isBehind = error.args.lagging === true;
  const { attempts, firstMs, longestMs } = isBehind ? withMachinesBehind : withFailures;
  const count = isBehind ? ++failed.behind : ++failed.failed;
  if (count >= attempts) throw error;
  // another machine may answer at once; who is refused again comes back when it was told to
  if (isBehind && count <= machinesAtOnce) return 0;
  const retryAfterMs =
    count <= refusalsAtOnce ? 0 : Math.min(Number(error.args.retryAfterMs ?? 0), longestRetryAfterMs);
  return Math.max(jittered(Math.min(firstMs * 2 ** (count - 1), longestMs)), retryAfterMs);
}

/** Who fails together must not come back together: up to a quarter less, or more. */
export function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}

/** A machine that does not know the block: what else it says is of an older chain. */
export function lagsBehind(method: string, block: number): TributaryError {
  return unreachable(method, `the machine that answered does not know block ${block} yet`, { args: { lagging: true } });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
