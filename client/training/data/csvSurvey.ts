/** The first of two passes over a table: which columns are numbers, their ranges, the categories and the classes. */
import { TributaryError } from '../../core/errors.ts';
import { readCsvRows } from './csvRows.ts';
import type { CsvSchema } from './csvSchema.ts';

/** Mean and variance by Welford's recurrence; minimum and maximum. */
export interface NumberRange {
  count: number;
  mean: number;
  /** Sum of squared deviations from the mean. */
  squares: number;
  min: number;
  max: number;
}

export interface CsvSurvey {
  header: string[];
  labelIndex: number;
  rows: number;
  /** One a column; count 0 where the column holds text. */
  ranges: NumberRange[];
  schema: CsvSchema;
}

export interface SurveyOptions {
  labelColumn: string;
  delimiter: string;
  /** The label is a number to predict, not a class. */
  isRegression: boolean;
  schema?: CsvSchema;
}

/** More distinct texts than this in a column without schema are taken for names or identifiers. */
const maxInferredCategories = 100;

/** Errors: DATA_INVALID, DATA_EMPTY, DATA_NOT_FINITE. */
export async function surveyCsv(path: string, options: SurveyOptions): Promise<CsvSurvey> {
  let header: string[] | undefined;
  let labelIndex = -1;
  let rows = 0;
  let ranges: NumberRange[] = [];
  let texts: Set<string>[] = [];
  for await (const { row, cells } of readCsvRows(path, options.delimiter)) {
    if (header === undefined) {
      header = cells;
      labelIndex = findLabel(path, header, options);
      ranges = header.map(() => ({ count: 0, mean: 0, squares: 0, min: Infinity, max: -Infinity }));
      texts = header.map(() => new Set());
      continue;
    }
    rows++;
    for (const [column, cell] of cells.entries()) {
      const declared = column === labelIndex ? undefined : options.schema?.columns[header[column]!];
      const isText = column === labelIndex ? !options.isRegression : Array.isArray(declared);
      if (declared === 'ignore') continue;
      const value = readCell(path, row, header[column]!, cell);
      if (isText || (declared === undefined && Number.isNaN(value) && ranges[column]!.count === 0)) {
        texts[column]!.add(cell);
        if (column !== labelIndex && texts[column]!.size > maxInferredCategories && declared === undefined) {
          throw new TributaryError(
            'DATA_INVALID',
            `${path}: column "${header[column]}" holds more than ${maxInferredCategories} different texts: ignore it, or list its categories, in a schema.`,
          );
        }
      } else if (Number.isNaN(value) || texts[column]!.size > 0) {
        throw new TributaryError(
          'DATA_INVALID',
          `${path}: row ${row}, column "${header[column]}" holds "${cell}", ${Number.isNaN(value) ? 'not a number' : 'a number among texts'}: repair it, or list the column's categories in a schema.`,
          { args: { row, column: header[column] } },
        );
      } else include(ranges[column]!, value);
    }
  }
  if (header === undefined || rows === 0) {
    throw new TributaryError('DATA_EMPTY', `${path} holds no rows: it needs a header and at least one row of data.`);
  }
  const schema = options.schema ?? inferSchema(header, labelIndex, ranges, texts);
  return { header, labelIndex, rows, ranges, schema };
}

function findLabel(path: string, header: string[], { labelColumn, schema }: SurveyOptions): number {
  const fail = (problem: string) =>
    new TributaryError('DATA_INVALID', `${path} ${problem}; its columns are: ${header.join(', ')}.`, {
      args: { columns: header },
    });
  const repeated = header.find((name, index) => header.indexOf(name) !== index);
  if (repeated !== undefined) throw fail(`has two columns named "${repeated}"`);
  const labelIndex = header.indexOf(labelColumn);
  if (labelIndex < 0) throw fail(`has no label column "${labelColumn}"`);
  if (schema === undefined) return labelIndex;
  const missing = Object.entries(schema.columns).find(([name, kind]) => kind !== 'ignore' && !header.includes(name));
  if (missing !== undefined) throw fail(`has no column "${missing[0]}", which the schema asks for`);
  const unknown = header.find((name) => name !== labelColumn && !Object.hasOwn(schema.columns, name));
  if (unknown !== undefined)
    throw fail(`has a column "${unknown}" that the schema does not know (declare it as "ignore")`);
  return labelIndex;
}

/** The cell's number, NaN for text. */
function readCell(path: string, row: number, column: string, cell: string): number {
  const where = `${path}: row ${row}, column "${column}"`;
  const args = { row, column };
  if (cell === '') {
    throw new TributaryError('DATA_INVALID', `${where} is empty: fill it in, or remove the row.`, { args });
  }
  if (/^[+-]?(nan|inf|infinity)$/i.test(cell) || Math.abs(Math.fround(Number(cell))) === Infinity) {
    throw new TributaryError('DATA_NOT_FINITE', `${where} holds ${cell}: repair it, or remove the row.`, { args });
  }
  return Number(cell);
}

function include(range: NumberRange, value: number): void {
  range.count++;
  const deviation = value - range.mean;
  range.mean += deviation / range.count;
  range.squares += deviation * (value - range.mean);
  range.min = Math.min(range.min, value);
  range.max = Math.max(range.max, value);
}

function inferSchema(header: string[], labelIndex: number, ranges: NumberRange[], texts: Set<string>[]): CsvSchema {
  const columns: CsvSchema['columns'] = {};
  for (const [index, name] of header.entries()) {
    if (index === labelIndex) continue;
    columns[name] = ranges[index]!.count > 0 ? 'number' : [...texts[index]!].sort();
  }
  const labels = texts[labelIndex]!;
  return labels.size === 0 ? { columns } : { columns, classes: sortLabels([...labels]) };
}

/** Numbers by value, texts by code point. */
function sortLabels(labels: string[]): string[] {
  return labels.every((label) => Number.isFinite(Number(label)))
    ? labels.sort((a, b) => Number(a) - Number(b))
    : labels.sort();
}
