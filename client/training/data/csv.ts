/** Tables: one row a sample, numeric columns scaled, categorical columns one-hot, in the order of the schema. */
import { TributaryError } from '../../core/errors.ts';
import type { Dataset } from '../engine.ts';
import { readCsvRows } from './csvRows.ts';
import { type CsvSchema, columnWidth, featureCount } from './csvSchema.ts';
import { type CsvSurvey, type NumberRange, surveyCsv } from './csvSurvey.ts';
import { checkSamples } from './dataset.ts';

export interface CsvOptions {
  labelColumn: string;
  /** Without one, columns, categories and classes are inferred from this file alone: all trainers must agree, so share one. */
  schema?: CsvSchema;
  /** Fitted on this file: to mean 0 and standard deviation 1 (the default), to [0, 1], or not at all. */
  scaling?: 'standardise' | 'minMax' | 'none';
  /** `class` (the default): a class; `number`: a target to predict, for squaredError. */
  label?: 'class' | 'number';
  /** Classes of the task: labels that are its class indices already keep their values where no schema lists classes. */
  classes?: number;
  delimiter?: string;
}

/** Reads the file twice, row by row. Errors: DATA_INVALID, DATA_EMPTY, DATA_NOT_FINITE, each with row and column. */
export async function loadCsv(path: string, options: CsvOptions): Promise<Dataset> {
  const delimiter = options.delimiter ?? ',';
  const isRegression = options.label === 'number';
  const survey = await surveyCsv(path, { ...options, delimiter, isRegression });
  const classNames = isRegression ? [] : classNamesOf(path, survey, options);
  const width = featureCount(survey.schema);
  const features = new Float32Array(survey.rows * width);
  const labels = isRegression ? new Float32Array(survey.rows) : new Int32Array(survey.rows);
  const writers = columnWriters(survey, options.scaling ?? 'standardise');
  const classOf = new Map(classNames.map((name, index) => [name, index]));

  let sample = -1;
  for await (const { row, cells } of readCsvRows(path, delimiter)) {
    if (sample >= 0) {
      for (const { index, name, offset, write } of writers) {
        if (!write(cells[index]!, features, sample * width + offset)) {
          throw unknownText(path, row, name, cells[index]!, 'categories');
        }
      }
      const label = cells[survey.labelIndex]!;
      const value = isRegression ? Number(label) : classOf.get(label);
      if (value === undefined) throw unknownText(path, row, options.labelColumn, label, 'classes');
      labels[sample] = value;
    }
    sample++;
  }
  const classes = isRegression ? 1 : classNames.length;
  const dataset = { features, labels, count: survey.rows, inputShape: [width], classes };
  checkSamples(dataset);
  return dataset;
}

/** The schema that `loadCsv` would infer: write it to a file once, and give it to every trainer. */
export async function inferCsvSchema(path: string, options: CsvOptions): Promise<CsvSchema> {
  const isRegression = options.label === 'number';
  return (await surveyCsv(path, { ...options, delimiter: options.delimiter ?? ',', isRegression })).schema;
}

function classNamesOf(path: string, survey: CsvSurvey, { schema, classes }: CsvOptions): string[] {
  if (schema !== undefined && schema.classes === undefined) {
    throw new TributaryError('CONFIG_INVALID', 'schema: classes: list the labels of the classes, or set label=number.');
  }
  const found = survey.schema.classes!;
  if (schema !== undefined || classes === undefined) return found;
  const indices = Array.from({ length: classes }, (_, index) => String(index));
  if (found.every((name) => indices.includes(name))) return indices;
  if (found.length === classes) return found;
  throw new TributaryError(
    'DATA_INVALID',
    `${path} has ${found.length} of the task's ${classes} classes (${found.slice(0, 10).join(', ')}): give a schema that lists all of them.`,
  );
}

interface ColumnWriter {
  index: number;
  name: string;
  offset: number;
  /** Writes the column's features of one sample; false for a text that is not among the categories. */
  write: (cell: string, features: Float32Array, at: number) => boolean;
}

function columnWriters(survey: CsvSurvey, scaling: 'standardise' | 'minMax' | 'none'): ColumnWriter[] {
  const writers: ColumnWriter[] = [];
  let offset = 0;
  for (const [name, column] of Object.entries(survey.schema.columns)) {
    if (column === 'ignore') continue;
    const index = survey.header.indexOf(name);
    const write = column === 'number' ? writeNumber(survey.ranges[index]!, scaling) : writeOneHot(column);
    writers.push({ index, name, offset, write });
    offset += columnWidth(column);
  }
  return writers;
}

/** A column of one value only becomes 0. */
function writeNumber(range: NumberRange, scaling: 'standardise' | 'minMax' | 'none'): ColumnWriter['write'] {
  const stdDev = Math.sqrt(range.squares / range.count);
  const shift = { standardise: range.mean, minMax: range.min, none: 0 }[scaling];
  const scale = { standardise: stdDev, minMax: range.max - range.min, none: 1 }[scaling];
  return (cell, features, at) => {
    features[at] = scale === 0 ? 0 : (Number(cell) - shift) / scale;
    return true;
  };
}

function writeOneHot(categories: readonly string[]): ColumnWriter['write'] {
  const position = new Map(categories.map((category, index) => [category, index]));
  return (cell, features, at) => {
    const index = position.get(cell);
    if (index !== undefined) features[at + index] = 1;
    return index !== undefined;
  };
}

function unknownText(path: string, row: number, column: string, cell: string, list: string): TributaryError {
  return new TributaryError(
    'DATA_INVALID',
    `${path}: row ${row}, column "${column}" holds "${cell}", which is not among its ${list} in the schema.`,
    { args: { row, column } },
  );
}
