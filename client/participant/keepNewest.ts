/** Leaves of a map the `count` entries that were set last. */
export function keepNewestInPlace(map: Map<unknown, unknown>, count: number): void {
  for (const old of [...map.keys()].slice(0, -count)) map.delete(old);
}
