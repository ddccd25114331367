/** The rows of a table as texts, their cells in the order of the task's columns. */
import type { NumberFormat } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { readCsvRows } from '../../training/data/csvRows.ts';

export interface TableRows {
  /** How an answer names each row. */
  names: string[];
  rows: string[][];
  /** As the file writes its numbers. */
  format: NumberFormat;
}

/** Columns are taken by name; others, such as the label's, may be there or not. Errors: DATA_INVALID, DATA_EMPTY. */
export async function readTableRows(
  path: string,
  options: ReadonlyMap<string, string>,
  columns: readonly string[],
  format: NumberFormat,
): Promise<TableRows> {
  const names: string[] = [];
  const rows: string[][] = [];
  let places: number[] | undefined;
  for await (const { row, cells } of readCsvRows(path, options.get('delimiter') ?? ',')) {
    if (places === undefined) places = placesOf(path, cells, columns);
    else {
      names.push(`row ${row}`);
      rows.push(places.map((place) => cells[place]!));
    }
  }
  if (rows.length === 0) throw new TributaryError('DATA_EMPTY', `${path} holds no rows below its header.`);
  const written = { decimal: options.get('decimal'), thousands: options.get('thousands') };
  const said = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
  return { names, rows, format: { ...format, ...said } };
}

function placesOf(path: string, header: readonly string[], columns: readonly string[]): number[] {
  const missing = columns.filter((name) => !header.includes(name));
  if (missing.length === 0) return columns.map((name) => header.indexOf(name));
  const names = missing.map((name) => JSON.stringify(name)).join(', ');
  throw new TributaryError(
    'DATA_INVALID',
    `${path} has no columns named ${names}, which the model takes: columns are taken by their names, in any order.`,
    { args: { columns: missing } },
  );
}
