/** How long one blob may take to arrive. */
export const fetchTimeoutMs = 30_000;

/** Aborts with `signal`, and when a blob takes too long. */
export function withFetchTimeout(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(fetchTimeoutMs)]);
}
