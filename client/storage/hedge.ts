/**
 * Hedged requests (Dean and Barroso, "The Tail at Scale", 2013): one is asked after the other, the next as soon as those before it have
 * failed or are slow. The first good answer counts, and what the others still do is stopped. Who has nothing yet is asked again while
 * one is still at it, since that one may wait for what never comes to it.
 */

export interface Attempt<S> {
  source: S;
  /** Ends what it does, and nobody else's. */
  stop: AbortController;
  /** Aborted by `stop`, and by the caller's signal. */
  signal: AbortSignal;
  startedAt: number;
  /** False where the source is asked again. */
  isFirst: boolean;
}

/** Before who had nothing is asked again, doubled up to the longest. */
const shortestPauseMs = 50;
const longestPauseMs = 1000;

export interface Hedging<S, T> {
  ask(attempt: Attempt<S>, index: number): Promise<T>;
  /** Before the next is asked too. */
  patienceMs(source: S): number;
  /** Until an attempt is given up. */
  timeoutMs: number;
  /** Whether who failed so may give the answer in a moment. */
  isEarly?(reason: unknown): boolean;
  /** Hears of each that has not given the answer, unless it was asked after the one that has. */
  onFailure?(attempt: Attempt<S>, reason: unknown): void;
  signal: AbortSignal;
}

/** The first good answer, and whose it is; undefined where there is none. Settles soon after the signal. */
export function hedged<S, T>(
  sources: readonly S[],
  { ask, patienceMs, timeoutMs, isEarly = () => false, onFailure = () => undefined, signal }: Hedging<S, T>,
): Promise<{ attempt: Attempt<S>; answer: T } | undefined> {
  const running = new Set<Attempt<S>>();
  /** Those at the end are asked again. */
  const queue = [...sources];
  const early: S[] = [];
  let next = 0;
  let pauseMs = shortestPauseMs;
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;

    function askNext(): void {
      clearTimeout(timer);
      if (next < queue.length && !signal.aborted) {
        const index = next++;
        timer = setTimeout(askNext, patienceMs(queue[index]!));
        void run(queue[index]!, index);
      } else if (running.size === 0) resolve(undefined);
      else if ([...running].some(({ isFirst }) => isFirst)) timer = setTimeout(askAgain, pauseMs);
    }

    function askAgain(): void {
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      queue.push(...early.splice(0));
      askNext();
    }

    async function run(source: S, index: number): Promise<void> {
      const stop = new AbortController();
      const either = AbortSignal.any([signal, stop.signal]);
      const isFirst = index < sources.length;
      const attempt = { source, stop, signal: either, startedAt: performance.now(), isFirst };
      running.add(attempt);
      const reason = `no answer within ${timeoutMs / 1000} s`;
      const limit = setTimeout(() => stop.abort(new Error(reason)), timeoutMs);
      try {
        const answer = await ask(attempt, index);
        if (!running.delete(attempt)) return;
        clearTimeout(timer);
        for (const other of running) {
          if (other.startedAt < attempt.startedAt) onFailure(other, new Error('slower than others'));
          other.stop.abort(new Error('another was faster'));
        }
        running.clear();
        resolve({ attempt, answer });
      } catch (error) {
        if (!running.delete(attempt)) return;
        onFailure(attempt, stop.signal.aborted ? stop.signal.reason : error);
        stop.abort();
        if (isEarly(error)) early.push(source);
        askNext();
      } finally {
        clearTimeout(limit);
      }
    }

    askNext();
  });
}
