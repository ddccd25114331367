/** The label of a row: its class, a number, or the answers to several yes-or-no questions. */
import type { NumberFormat, TableDescription } from '../../../core/data/description.ts';
import { byText } from './cells.ts';
import { createChoices } from './choices.ts';
import { listed } from './columns.ts';
import { createNumberCells } from './numbers.ts';
import type { Row } from './rows.ts';
import { Tally } from './tally.ts';

type Label = TableDescription['label'];

/** Writes a row's label, as many numbers as `width`; answers the column and why the row cannot be used, where it cannot. */
export interface LabelReader {
  columns: readonly string[];
  width: number;
  /** Class indices are whole numbers; targets are not. */
  isClass: boolean;
  tally: Tally | undefined;
  read(
    row: Row,
    cells: readonly number[],
    labels: { [at: number]: number },
    at: number,
  ): { cell: number; reason: string } | undefined;
}

export function createLabelReader(label: Label, format: NumberFormat): LabelReader {
  switch (label.kind) {
    case 'class':
      return readChoices([label.column], label.classes, 'classes', format, true);
    case 'labels':
      return readChoices(label.columns, label.values, 'texts', format, false);
    case 'number':
      return readTarget(label, format);
  }
}

function readChoices(
  columns: readonly string[],
  choices: readonly string[],
  kind: string,
  format: NumberFormat,
  isClass: boolean,
): LabelReader {
  const placeOf = createChoices(choices, format);
  const absent = -2;
  const find = byText((text) => {
    const place = placeOf(text);
    return place < 0 && text === '' ? absent : place;
  });
  const reasonOf = (name: string, place: number) =>
    place === absent ? `"${name}" is missing` : `"${name}" is none of the ${kind} ${listed(choices)}`;
  return {
    columns,
    width: columns.length,
    isClass,
    tally: undefined,
    read(row, cells, labels, at) {
      for (const [question, cell] of cells.entries()) {
        const place = find(row, cell);
        if (place < 0) return { cell, reason: reasonOf(columns[question]!, place) };
        labels[at + question] = place;
      }
      return undefined;
    },
  };
}

function readTarget(label: Extract<Label, { kind: 'number' }>, format: NumberFormat): LabelReader {
  const tally = new Tally();
  const { column: name, unit, range, mean, standardDeviation } = label;
  const numberOf = createNumberCells({ name, unit, range, missing: { as: [''] } }, format, tally);
  const isScaled = mean !== undefined && standardDeviation !== undefined;
  const [shift, scale] = isScaled ? [mean, standardDeviation] : [0, 1];
  return {
    columns: [name],
    width: 1,
    isClass: false,
    tally,
    read(row, [cell], labels, at) {
      const value = numberOf(row, cell!);
      if (typeof value !== 'number') return { cell: cell!, reason: value ?? `"${name}" is missing` };
      labels[at] = (value - shift) / scale;
      return undefined;
    },
  };
}
