/**
 * How far apart the calls of a process are, at a provider that limits how often it is asked: further when it refuses the same question again and
 * again, closer after each answer. One refusal alone shows nothing: it may be one machine of many.
 */
export interface Pace {
  /** Settles when so many calls may go. */
  turn(calls: number): Promise<void>;
  /** A question was refused so often in a row, because the provider is asked too often. */
  refused(times: number): void;
  answered(): void;
}

/** Refusals in a row that show that it is asked too often, and the distances that follow, in milliseconds a call. */
const refusalsInARow = 3;
const firstMs = 50;
const longestMs = 2000;
const growth = 1.5;
const decay = 0.97;
const leastMs = 5;

export function createPace(): Pace {
  let apartMs = 0;
  let nextAt = 0;
  return {
    async turn(calls) {
      if (apartMs === 0) return;
      const now = Date.now();
      const at = Math.max(now, nextAt);
      nextAt = at + calls * apartMs;
      if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now));
    },
    refused(times) {
      if (times >= refusalsInARow) apartMs = Math.min(Math.max(growth * apartMs, firstMs), longestMs);
    },
    answered() {
      apartMs = apartMs < leastMs ? 0 : apartMs * decay;
    },
  };
}
