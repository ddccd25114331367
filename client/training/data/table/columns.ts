/** Columns as a task describes them: how the cell of a row becomes features. */
import { type CategoryColumn, type Column, columnWidth, type NumberColumn } from '../../../core/data/columns.ts';
import type { NumberFormat } from '../../../core/data/description.ts';
import { byText } from './cells.ts';
import { createChoices } from './choices.ts';
import { createNumberCells } from './numbers.ts';
import type { Row } from './rows.ts';
import type { Tally } from './tally.ts';

/** Writes the features of one cell at `at`; answers why the row cannot be used, where it cannot. */
export type ReadCell = (row: Row, cell: number, features: Float32Array, at: number) => string | undefined;

/** Where a column's features begin, and what writes them. */
export interface ColumnReader {
  name: string;
  offset: number;
  read: ReadCell;
}

/** `tallies` has one for each column of numbers, at the column's place. */
export function createColumnReaders(
  columns: readonly Column[],
  format: NumberFormat,
  tallies: readonly (Tally | undefined)[],
): ColumnReader[] {
  let offset = 0;
  return columns.map((column, place) => {
    const read = column.kind === 'number' ? readNumber(column, format, tallies[place]!) : readCategory(column, format);
    const reader = { name: column.name, offset, read };
    offset += columnWidth(column);
    return reader;
  });
}

/** Of single precision. */
const largestFeature = 3.4e38;

/** v becomes (v − shift) ÷ scale. */
export interface ColumnScaling {
  shift: number;
  scale: number;
}

/** Before what the federation computes. */
export function scalingOf({ scaling, mean, standardDeviation, range }: NumberColumn): ColumnScaling {
  const [low, high] = range ?? [0, 1];
  switch (scaling) {
    case 'standardise':
      return { shift: mean!, scale: standardDeviation! };
    case 'range':
      return { shift: low, scale: high - low };
    case 'federated':
      return { shift: (low + high) / 2, scale: (high - low) / 2 };
    case 'none':
      return { shift: 0, scale: 1 };
  }
}

/** What a missing value becomes before it is scaled; undefined where the row is refused, and for the mean that a federation computes. */
export function replacementOf({ scaling, missing: { become }, mean, median }: NumberColumn): number | undefined {
  switch (become) {
    case 'refuse':
      return undefined;
    case 'mean':
      return scaling === 'federated' ? undefined : mean;
    case 'median':
      return median;
    default:
      return become;
  }
}

function readNumber(column: NumberColumn, format: NumberFormat, tally: Tally): ReadCell {
  const { shift, scale } = scalingOf(column);
  const { become, indicator } = column.missing;
  const numberOf = createNumberCells(column, format, tally);
  // the mean that a federation computes is not known here: it takes the place of NaN there
  const whenMissing = ((replacementOf(column) ?? Number.NaN) - shift) / scale;
  const missing = `"${column.name}" is missing`;
  const tooLarge = `"${column.name}" is beyond single precision when it is scaled`;
  return (row, cell, features, at) => {
    const value = numberOf(row, cell);
    if (typeof value === 'string') return value;
    if (value === undefined) {
      if (become === 'refuse') return missing;
      features[at] = whenMissing;
    } else {
      const feature = (value - shift) / scale;
      if (!(feature < largestFeature && feature > -largestFeature)) return tooLarge;
      features[at] = feature;
    }
    if (indicator) features[at + 1] = value === undefined ? 1 : 0;
    return undefined;
  };
}

function readCategory(column: CategoryColumn, format: NumberFormat): ReadCell {
  const { values, encoding, missing } = column;
  const { become, indicator } = missing;
  const [placeOf, missingOf] = [createChoices(values, format), createChoices(missing.as, format)];
  const isMissing = -2;
  const find = byText((text) => (missingOf(text) >= 0 ? isMissing : placeOf(text)));
  const width = columnWidth(column) - (indicator ? 1 : 0);
  const whenMissing = typeof become === 'object' ? placeOf(become.value) : -1;
  const unknown = `"${column.name}" is none of the values ${listed(values)}`;
  const absent = `"${column.name}" is missing`;
  return (row, cell, features, at) => {
    const found = find(row, cell);
    if (found === -1) return unknown;
    if (found === isMissing && become === 'refuse') return absent;
    const place = found === isMissing ? whenMissing : found;
    if (encoding === 'index') features[at] = place;
    else {
      features.fill(0, at, at + width);
      if (place >= 0) features[at + place] = 1;
    }
    if (indicator) features[at + width] = found === isMissing ? 1 : 0;
    return undefined;
  };
}

/** For a sentence: not more than ten. */
export function listed(names: readonly string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return `${names.slice(0, 10).join(', ')}${more}`;
}
