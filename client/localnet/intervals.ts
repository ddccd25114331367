/** Seconds since 1970. */
export interface Interval {
  startedAt: number;
  endedAt: number;
}

/** How long at least one of the intervals lasted, in seconds: the length of their union. */
export function unionSeconds(intervals: readonly Interval[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { startedAt, endedAt } of [...intervals].sort((a, b) => a.startedAt - b.startedAt)) {
    total += Math.max(0, endedAt - Math.max(startedAt, reached));
    reached = Math.max(reached, endedAt);
  }
  return total;
}
