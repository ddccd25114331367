/** Tables: one row a sample, read as the task describes its columns. */
import type { Column } from '../../../core/data/columns.ts';
import { labelCountOf, shapeOfData, type TableDescription } from '../../../core/data/description.ts';
import { quoteText } from '../../../core/data/text.ts';
import type { Dataset } from '../../engine.ts';
import type { ColumnReport, Skips } from '../report.ts';
import { createColumnReaders } from './columns.ts';
import { numbersOf, type TableFormat } from './format.ts';
import { Growing } from './growing.ts';
import { findColumns, remarkOnHeader } from './header.ts';
import { createLabelReader } from './label.ts';
import { openTable } from './reader.ts';
import { cellText, type Row } from './rows.ts';
import { Tally } from './tally.ts';

/** A data set, and how the values of its columns lie in the file. */
export interface TableDataset extends Dataset {
  columns: ColumnReport[];
  tallies: readonly (Tally | undefined)[];
}

/**
 * Reads the file once, in order. A row that cannot be used is left out, counted and named in `skips`.
 * Errors: DATA_INVALID where a column is not there or the file is no text in this encoding, DATA_EMPTY where it has no header.
 */
export async function readTable(
  path: string,
  description: TableDescription,
  format: TableFormat,
  skips: Skips,
): Promise<TableDataset> {
  const { columns, ignored } = description;
  const numbers = numbersOf(description.numbers, format);
  const label = createLabelReader(description.label, numbers);
  const tallies = columns.map((column) => (column.kind === 'number' ? new Tally() : undefined));
  const readers = createColumnReaders(columns, numbers, tallies);
  const names = [...columns.map(({ name }) => name), ...label.columns];
  const table = await openTable(path, format, names);
  const places = findColumns(path, table.header, names);
  const [cells, labelCells] = [places.slice(0, columns.length), places.slice(columns.length)];
  remarkOnHeader(table.header, { features: cells, labels: labelCells, ignored }, skips);
  const [width] = shapeOfData(description) as [number];
  const features = new Growing(Float32Array, width);
  const labels = label.isClass ? new Growing(Int32Array, 1) : new Growing(Float32Array, label.width);

  const skip = (row: Row, cell: number, reason: string) =>
    skips.skip(reason, `row ${row.line}, column "${table.header[cell]}": ${quoteText(cellText(row, cell))}`);

  function readRow(row: Row): void {
    const misshapen = misshapenRow(row, table.header);
    if (misshapen !== undefined) {
      skips.skip(misshapen, `row ${row.line}`);
      return;
    }
    const at = features.reserve();
    for (let index = 0; index < readers.length; index++) {
      const { read, offset } = readers[index]!;
      const reason = read(row, cells[index]!, features.block, at + offset);
      if (reason !== undefined) {
        skip(row, cells[index]!, reason);
        return;
      }
    }
    const wrong = label.read(row, labelCells, labels.block, labels.reserve());
    if (wrong !== undefined) {
      skip(row, wrong.cell, wrong.reason);
      return;
    }
    features.count++;
    labels.count++;
  }

  await table.forEach(readRow);
  return {
    features: features.whole(),
    labels: labels.whole(),
    count: features.count,
    inputShape: [width],
    classes: labelCountOf(description),
    ...(columns.some(isLeftToFederation) && { missingAsNaN: true as const }),
    columns: columns.flatMap((column, place) => reportOf(column, tallies[place])),
    tallies,
  };
}

function isLeftToFederation(column: Column): boolean {
  return column.kind === 'number' && column.scaling === 'federated' && column.missing.become === 'mean';
}

/** Why a row's cells cannot be told apart. Cells without a name or without a text may be missing or too many at its end. */
export function misshapenRow(row: Row, header: readonly string[]): string | undefined {
  if (row.isBroken) return 'a quotation mark opens and does not close: double it, or remove it';
  if (row.count < header.length && header.slice(row.count).some((name) => name !== ''))
    return 'the row has fewer cells than the header';
  for (let cell = header.length; cell < row.count; cell++) {
    if (row.starts[cell] !== row.ends[cell]) {
      return 'the row has more cells than the header: is a delimiter within a text or a number that is not in quotation marks?';
    }
  }
  return undefined;
}

function reportOf(column: Column, tally: Tally | undefined): ColumnReport[] {
  if (column.kind === 'category' || tally === undefined || tally.count === 0) return [];
  const { name, unit, range, mean: taskMean, standardDeviation: taskStandardDeviation } = column;
  const { lowest, highest, mean, standardDeviation, missing } = tally;
  const of = { name, unit, lowest, highest, mean, standardDeviation, missing };
  return [{ ...of, allowed: range, taskMean, taskStandardDeviation }];
}
