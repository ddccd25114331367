/** A number for a sentence or a description: four digits that count. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}
