/** The rows of a table as texts, their cells in the order of the task's columns. */
import type { NumberFormat } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { numbersOf, parseTableFormat } from '../../training/data/table/format.ts';
import { findColumns } from '../../training/data/table/header.ts';
import { openTable } from '../../training/data/table/reader.ts';
import { misshapenRow } from '../../training/data/table/readTable.ts';
import { cellText } from '../../training/data/table/rows.ts';

export interface TableRows {
  /** How an answer names each row. */
  names: string[];
  rows: string[][];
  /** Why the cells of a row cannot be told apart. */
  problems: (string | undefined)[];
  /** As the file writes its numbers. */
  format: NumberFormat;
}

/** Columns are taken by name; others, such as the label's, may be there or not. Errors: CONFIG_INVALID, DATA_INVALID, DATA_EMPTY. */
export async function readTableRows(
  path: string,
  options: ReadonlyMap<string, string>,
  columns: readonly string[],
  numbers: NumberFormat,
): Promise<TableRows> {
  const format = parseTableFormat(options);
  const table = await openTable(path, format, columns);
  const places = findColumns(path, table.header, columns);
  const names: string[] = [];
  const rows: string[][] = [];
  const problems: (string | undefined)[] = [];
  await table.forEach((row) => {
    names.push(`row ${row.line}`);
    rows.push(places.map((place) => cellText(row, place)));
    problems.push(misshapenRow(row, table.header));
  });
  if (rows.length === 0) throw new TributaryError('DATA_EMPTY', `${path} holds no rows below its header.`);
  return { names, rows, problems, format: numbersOf(numbers, format) };
}
