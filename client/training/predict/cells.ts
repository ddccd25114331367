/** The cells of one row as a model takes them that has its preprocessing inside, and why the task refuses a row. */
import type { CategoryColumn, Column, NumberColumn } from '../../core/data/columns.ts';
import type { NumberFormat } from '../../core/data/description.ts';
import { parseNumber } from '../../core/data/numberText.ts';

/** As a file or a person has it; null where nothing is known. */
export type Cell = string | number | null;

export interface FedCell {
  /** Of a number float32, NaN where it is missing; of a category one of its texts. What is wrong is fed so that the model refuses it. */
  fed: number | string;
  /** Why the task refuses the row. */
  problem?: string;
}

/** Numbers in `format`, categories in any composition of their letters and with blanks at their ends. */
export function feedCell(column: Column, cell: Cell, format: NumberFormat): FedCell {
  return column.kind === 'number' ? feedNumber(column, cell, format) : feedCategory(column, cell, format);
}

function feedNumber({ name, range, unit, missing }: NumberColumn, cell: Cell, format: NumberFormat): FedCell {
  const [value, isMissing] =
    typeof cell === 'number' ? [cell, false] : [parseNumber(cell ?? '', format), cell === null];
  const codes = missing.as.map((text) => parseNumber(text, format)).filter((code) => !Number.isNaN(code));
  if (isMissing || placeOf(missing.as, cell, format) >= 0 || codes.includes(value)) {
    return { fed: Number.NaN, ...(missing.become === 'refuse' && { problem: `"${name}" is missing` }) };
  }
  if (!Number.isFinite(value)) {
    return { fed: Number.POSITIVE_INFINITY, problem: `"${name}" holds "${cell}", which is no number` };
  }
  const [low, high] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  // in single precision, as the model compares them
  if (Math.fround(value) >= Math.fround(low) && Math.fround(value) <= Math.fround(high)) return { fed: value };
  const allowed = `${low} to ${high}${unit === undefined ? '' : ` ${unit}`}`;
  return { fed: value, problem: `"${name}" is ${value}, outside of ${allowed}` };
}

function feedCategory({ name, values, missing }: CategoryColumn, cell: Cell, format: NumberFormat): FedCell {
  const absent = cell === null ? 0 : placeOf(missing.as, cell, format);
  if (absent >= 0) {
    const fed = missing.as[absent] ?? unknownText(values);
    const refused = missing.become === 'refuse' || missing.as.length === 0;
    return { fed, ...(refused && { problem: `"${name}" is missing` }) };
  }
  const place = placeOf(values, cell, format);
  if (place >= 0) return { fed: values[place]! };
  const known = values.length > 10 ? `one of its ${values.length} values` : `one of ${values.join(', ')}`;
  return { fed: unknownText([...values, ...missing.as]), problem: `"${name}" holds "${cell}", not ${known}` };
}

/** None of these. */
function unknownText(known: readonly string[]): string {
  let text = '?';
  while (known.includes(text)) text += '?';
  return text;
}

const plain: NumberFormat = { decimal: '.', thousands: '', affixes: [] };
const canonical = (text: string) => text.normalize('NFC').trim();

/** -1 where the cell is none of them. Texts that are numbers are the same with the same value: 1.0 is 1. */
function placeOf(texts: readonly string[], cell: Cell, format: NumberFormat): number {
  const text = canonical(String(cell));
  const found = texts.findIndex((each) => canonical(each) === text);
  if (found >= 0) return found;
  const value = typeof cell === 'number' ? cell : parseNumber(text, format);
  return Number.isNaN(value) ? -1 : texts.findIndex((each) => parseNumber(each, plain) === value);
}
