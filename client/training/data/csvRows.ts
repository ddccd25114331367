import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { TributaryError } from '../../core/errors.ts';

/** One record of a CSV file; `row` counts as an editor does: the header is row 1. */
export interface CsvRow {
  row: number;
  cells: string[];
}

/**
 * The records of a CSV file, the header first, streamed. Cells are trimmed, empty lines skipped.
 * Errors: DATA_INVALID (no such file, malformed).
 */
export async function* readCsvRows(path: string, delimiter: string): AsyncGenerator<CsvRow> {
  const input = createReadStream(path);
  const parser = parse({ bom: true, trim: true, skip_empty_lines: true, delimiter, info: true });
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { row: info.lines, cells: record };
    }
  } catch (cause) {
    if (cause instanceof CsvError) {
      throw new TributaryError('DATA_INVALID', `${path} is not a well-formed CSV file: ${cause.message}.`, { cause });
    }
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT')
      throw new TributaryError('DATA_INVALID', `There is no file ${path}: check the path.`, { cause });
    if (code === 'EISDIR' || code === 'EACCES') {
      throw new TributaryError('DATA_INVALID', `${path} cannot be read as a file (${code}).`, { cause });
    }
    throw cause;
  } finally {
    input.destroy();
  }
}
