/** A number for a sentence or a description: four or, where asked for, more digits that count. */
export function formatNumber(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits)));
}
