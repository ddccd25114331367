/** Cells of a column of numbers. */
import type { NumberColumn } from '../../../core/data/columns.ts';
import type { NumberFormat } from '../../../core/data/description.ts';
import { numbersAmong, parseNumber, whyNoNumber } from '../../../core/data/numberText.ts';
import { byText, plainNumber } from './cells.ts';
import { createChoices } from './choices.ts';
import { cellText, type Row } from './rows.ts';
import type { Tally } from './tally.ts';

/** The number in a cell; undefined where it is missing; else why the row cannot be used. */
export type NumberCell = (row: Row, cell: number) => number | string | undefined;

type NumbersOf = Pick<NumberColumn, 'name' | 'range' | 'unit'> & { missing: Pick<NumberColumn['missing'], 'as'> };

/** Every number is tallied, also one outside of the range. */
export function createNumberCells(
  { name, range, unit, missing }: NumbersOf,
  format: NumberFormat,
  tally: Tally,
): NumberCell {
  const decimal = format.decimal.charCodeAt(0);
  const missingOf = createChoices(missing.as, format);
  /** Those that mean missing. */
  const sentinels = numbersAmong(missing.as, format);
  const [low, high] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const outside = `"${name}" is outside of ${low} to ${high}${unit === undefined ? '' : ` ${unit}`}`;
  const absent = 'missing';
  const find = byText((text): number | { reason: string } | typeof absent => {
    if (missingOf(text) >= 0) return absent;
    const value = parseNumber(text, format);
    return Number.isNaN(value) ? { reason: `"${name}" ${whyNoNumber(text, format)}` } : value;
  });
  return (row, cell) => {
    let value = plainNumber(row, cell, decimal);
    if (Number.isNaN(value)) {
      const found = find(row, cell);
      if (typeof found === 'object') return found.reason;
      if (found !== absent) value = found;
    }
    if (Number.isNaN(value) || (sentinels.length > 0 && sentinels.includes(value))) {
      tally.missing++;
      return undefined;
    }
    tally.add(value);
    // at the edge the last digit counts
    if ((value < low || value > high) && !isWithin(parseNumber(cellText(row, cell), format), low, high)) {
      tally.outside++;
      return outside;
    }
    return value;
  };
}

function isWithin(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
