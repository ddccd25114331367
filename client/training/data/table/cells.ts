/** What a cell's bytes hold, without a text of each: a table has many cells and few different texts. */
import type { Row } from './rows.ts';
import { cellText } from './rows.ts';

const powersOf10 = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** So many digits make an exact integer of double precision. */
const exactDigits = 15;

/**
 * The number in the cell where it is digits with a sign and a decimal point at most; NaN for everything else, also where digits begin with
 * a 0 that means nothing. Beyond 15 digits it may be off by two units in the last place of double precision.
 */
export function plainNumber({ bytes, starts, ends }: Row, cell: number, decimal: number): number {
  let at = starts[cell]!;
  const end = ends[cell]!;
  const sign = bytes[at]!;
  if (sign === 0x2d || sign === 0x2b) at++;
  const first = at;
  let value = 0;
  let digits = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    digits++;
  }
  if ((digits > 1 && bytes[first] === 0x30) || digits > exactDigits + 2) return Number.NaN;
  let fraction = 0;
  if (at < end && bytes[at] === decimal) {
    for (at++; at < end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) return Number.NaN;
      // further digits say nothing that double precision could hold
      if (digits > exactDigits + 2) continue;
      value = value * 10 + digit;
      if (value !== 0) digits++;
      fraction++;
    }
  }
  if (at < end || digits + fraction === 0 || fraction > 22) return Number.NaN;
  if (fraction > 0) value /= powersOf10[fraction]!;
  return sign === 0x2d ? -value : value;
}

/** Remembers what `find` says of a text by the text's bytes: `find` is asked once for each text, as long as there are not too many. */
export function byText<T>(find: (text: string) => T): (row: Row, cell: number) => T {
  const limit = 10_000;
  let known = new Map<number, { bytes: Uint8Array; value: T }>();
  return (row, cell) => {
    // a doubled quotation mark is another text with the same bytes
    if (row.doubled.has(cell)) return find(cellText(row, cell));
    const start = row.starts[cell]!;
    const end = row.ends[cell]!;
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ row.bytes[at]!, 0x01000193);
    const entry = known.get(hash);
    if (entry !== undefined && isSame(entry.bytes, row.bytes, start, end)) return entry.value;
    const value = find(cellText(row, cell));
    if (known.size >= limit) known = new Map();
    known.set(hash, { bytes: row.bytes.slice(start, end), value });
    return value;
  };
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
