/** A table's file, row by row: its header first. */

import { canonicalText } from '../../../core/data/text.ts';
import { TributaryError } from '../../../core/errors.ts';
import { readText } from './file.ts';
import type { TableFormat } from './format.ts';
import { cellText, isEmptyRow, type Row, RowSplitter } from './rows.ts';

const delimiters = [',', ';', '\t', '|'];

export interface TableRows {
  /** The names of the columns, canonical; empty where a column has none. */
  header: string[];
  /** Calls for each row that holds anything, `most` of them at most; the row is overwritten by the next. */
  forEach(onRow: (row: Row) => void, most?: number): Promise<void>;
}

/**
 * `wanted` are names that the header should have: without a delimiter said, the one counts that finds most of them.
 * Errors: DATA_EMPTY without a header; those of `readText`.
 */
export async function openTable(path: string, format: TableFormat, wanted: readonly string[]): Promise<TableRows> {
  const chunks = readText(path, format.encoding);
  let { bytes, isLast } = await nextChunk(chunks, new Uint8Array());
  const named = /^sep=(.)[ \t]*(\r\n|\r|\n)/i.exec(new TextDecoder().decode(bytes.subarray(0, 16)));
  let at = named?.[0].length ?? 0;
  const line = named === null ? 1 : 2;
  const delimiter = format.delimiter ?? named?.[1] ?? findDelimiter(bytes, at, isLast, new Set(wanted));
  const splitter = new RowSplitter(delimiter, line);
  const { row } = splitter;

  /** The next row that holds anything. */
  async function advance(): Promise<boolean> {
    for (;;) {
      while (at < bytes.length && splitter.split(bytes, at, isLast)) {
        at = splitter.next;
        if (!isEmptyRow(row)) return true;
        row.line += row.lines;
      }
      if (isLast) return false;
      ({ bytes, isLast } = await nextChunk(chunks, bytes.subarray(at)));
      at = 0;
    }
  }

  if (!(await advance())) {
    await chunks.return(undefined);
    throw new TributaryError('DATA_EMPTY', `${path} holds no rows: it needs a header and at least one row of data.`);
  }
  const header = Array.from({ length: row.count }, (_, cell) => canonicalText(cellText(row, cell)));
  const garbled = header.find((name) => name.includes(garbledCharacter));
  if (garbled !== undefined) {
    await chunks.return(undefined);
    throw garbledText(path, `the column "${garbled}"`);
  }
  return {
    header,
    async forEach(onRow, most = Number.POSITIVE_INFINITY) {
      try {
        row.line += row.lines;
        for (let rows = 0; rows < most && (await advance()); rows++) {
          onRow(row);
          row.line += row.lines;
        }
      } finally {
        await chunks.return(undefined);
      }
    },
  };
}

/** What programs write in the place of bytes that they could not read. */
export const garbledCharacter = '\ufffd';

export function garbledText(path: string, what: string): TributaryError {
  return new TributaryError(
    'DATA_INVALID',
    `${path}: a program that wrote it has garbled the letters of ${what}: export it again from where it came, as UTF-8.`,
  );
}

async function nextChunk(
  chunks: AsyncGenerator<Uint8Array>,
  rest: Uint8Array,
): Promise<{ bytes: Uint8Array; isLast: boolean }> {
  const { value, done } = await chunks.next();
  if (done) return { bytes: rest, isLast: true };
  const bytes = new Uint8Array(rest.length + value.length);
  bytes.set(rest);
  bytes.set(value, rest.length);
  return { bytes, isLast: false };
}

/** The one that finds most of the wanted names in the header; then the one with most columns. */
function findDelimiter(bytes: Uint8Array, from: number, isLast: boolean, wanted: ReadonlySet<string>): string {
  const found = delimiters.map((delimiter) => {
    const splitter = new RowSplitter(delimiter, 1);
    let at = from;
    while (at < bytes.length && splitter.split(bytes, at, isLast || at === from) && isEmptyRow(splitter.row)) {
      at = splitter.next;
    }
    const { row } = splitter;
    const names = Array.from({ length: row.count }, (_, cell) => canonicalText(cellText(row, cell)));
    return { delimiter, named: names.filter((name) => wanted.has(name)).length, columns: row.count };
  });
  return found.sort((a, b) => b.named - a.named || b.columns - a.columns)[0]!.delimiter;
}
