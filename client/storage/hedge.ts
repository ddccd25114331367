/**
 * Hedged requests (Dean and Barroso, "The Tail at Scale", 2013): one is asked after the other, the next as soon as those before it have
 * failed or are slow. The first good answer counts, and what the others still do is stopped.
 */

export interface Attempt<S> {
  source: S;
  /** Ends what it does, and nobody else's. */
  stop: AbortController;
  /** Aborted by `stop`, and by the caller's signal. */
  signal: AbortSignal;
  startedAt: number;
}

export interface Hedging<S, T> {
  ask(attempt: Attempt<S>, index: number): Promise<T>;
  patienceMs(source: S): number;
  /** Until an attempt is given up. */
  timeoutMs: number;
  /** Hears of each that has not given the answer, unless it was asked after the one that has. */
  onFailure(attempt: Attempt<S>, reason: unknown): void;
  signal: AbortSignal;
}

/** The first good answer, and whose it is; undefined where there is none. Settles soon after the signal. */
export function hedged<S, T>(
  sources: readonly S[],
  { ask, patienceMs, timeoutMs, onFailure, signal }: Hedging<S, T>,
): Promise<{ attempt: Attempt<S>; answer: T } | undefined> {
  const running = new Set<Attempt<S>>();
  let next = 0;
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;

    function askNext(): void {
      clearTimeout(timer);
      if (next < sources.length && !signal.aborted) {
        const index = next++;
        timer = setTimeout(askNext, patienceMs(sources[index]!));
        void run(sources[index]!, index);
      } else if (running.size === 0) resolve(undefined);
    }

    async function run(source: S, index: number): Promise<void> {
      const stop = new AbortController();
      const attempt = { source, stop, signal: AbortSignal.any([signal, stop.signal]), startedAt: performance.now() };
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
        askNext();
      } finally {
        clearTimeout(limit);
      }
    }

    askNext();
  });
}
