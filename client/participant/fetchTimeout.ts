/** How long one blob may take to arrive. */
export const fetchTimeoutMs = 30_000;
/** There must be time for a challenge. */
const patienceShareOfWindow = 0.25;

/** How long after a proposal its updates are looked for, before they are demanded. */
export function demandPatienceSeconds(challengeSeconds: number): number {
  return Math.min(fetchTimeoutMs / 1000, challengeSeconds * patienceShareOfWindow);
}

/** Aborts with `signal`, and when a blob takes too long. */
export function withFetchTimeout(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(fetchTimeoutMs)]);
}
