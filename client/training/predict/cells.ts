/** The cells of one row as a model takes them that has its preprocessing inside, and why the task refuses a row. */
import type { CategoryColumn, Column, NumberColumn } from '../../core/data/columns.ts';
import type { NumberFormat } from '../../core/data/description.ts';
import { numbersAmong, parseNumber, plainFormat } from '../../core/data/numberText.ts';
import { createChoices } from '../data/table/choices.ts';

/** As a file or a person has it; null where nothing is known. */
export type Cell = string | number | null;

export interface FedCell {
  /** Of a number float32, NaN where it is missing; of a category one of its texts. What is wrong is fed so that the model refuses it. */
  fed: number | string;
  /** Why the task refuses the row. */
  problem?: string;
}

/** Numbers in `format`, categories in any composition of their letters and with blanks at their ends. */
export function createFeeder(column: Column, format: NumberFormat): (cell: Cell) => FedCell {
  return column.kind === 'number' ? feedNumbers(column, format) : feedCategories(column, format);
}

function feedNumbers({ name, range, unit, missing }: NumberColumn, format: NumberFormat): (cell: Cell) => FedCell {
  const placeOfMissing = placesAmong(missing.as, format);
  const codes = numbersAmong(missing.as, format);
  const [low, high] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return (cell) => {
    const value = typeof cell === 'number' ? cell : parseNumber(cell ?? '', format);
    if (cell === null || placeOfMissing(cell) >= 0 || codes.includes(value)) {
      return { fed: Number.NaN, ...(missing.become === 'refuse' && { problem: `"${name}" is missing` }) };
    }
    if (!Number.isFinite(value)) {
      return { fed: Number.POSITIVE_INFINITY, problem: `"${name}" holds "${cell}", which is no number` };
    }
    // in single precision, as the model compares them
    if (Math.fround(value) >= Math.fround(low) && Math.fround(value) <= Math.fround(high)) return { fed: value };
    const allowed = `${low} to ${high}${unit === undefined ? '' : ` ${unit}`}`;
    return { fed: value, problem: `"${name}" is ${value}, outside of ${allowed}` };
  };
}

function feedCategories({ name, values, missing }: CategoryColumn, format: NumberFormat): (cell: Cell) => FedCell {
  const [placeOf, placeOfMissing] = [placesAmong(values, format), placesAmong(missing.as, format)];
  const [notMissing, unknown] = [unknownText(values), unknownText([...values, ...missing.as])];
  const isRefused = missing.become === 'refuse' || missing.as.length === 0;
  const known = values.length > 10 ? `one of its ${values.length} values` : `one of ${values.join(', ')}`;
  return (cell) => {
    const absent = cell === null ? 0 : placeOfMissing(cell);
    if (cell === null || absent >= 0) {
      return { fed: missing.as[absent] ?? notMissing, ...(isRefused && { problem: `"${name}" is missing` }) };
    }
    const place = placeOf(cell);
    return place >= 0 ? { fed: values[place]! } : { fed: unknown, problem: `"${name}" holds "${cell}", not ${known}` };
  };
}

/** None of these. */
function unknownText(known: readonly string[]): string {
  let text = '?';
  while (known.includes(text)) text += '?';
  return text;
}

/** As a table's cells are compared; numbers that are no texts are written plainly, whatever the format. */
function placesAmong(texts: readonly string[], format: NumberFormat): (cell: string | number) => number {
  const [ofText, ofNumber] = [createChoices(texts, format), createChoices(texts, plainFormat)];
  return (cell) => (typeof cell === 'number' ? ofNumber(String(cell)) : ofText(cell));
}
