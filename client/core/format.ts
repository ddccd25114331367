/** As people read them. */

/** `0x1234…abcd`: enough to tell the members of a federation apart. */
export function formatAccount(account: string): string {
  return `${account.slice(0, 6)}…${account.slice(-4)}`;
}

/** Seconds since 1970 as UTC, `2026-11-30T12:00:00Z`. */
export function formatTime(seconds: number): string {
  return new Date(1000 * Math.floor(seconds)).toISOString().replace('.000Z', 'Z');
}
