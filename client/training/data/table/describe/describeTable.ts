/** Proposes how a task describes a table, from a file that shows all of it; where it guesses, it asks. */
import { dataDescriptionSchema, type TableDescription } from '../../../../core/data/description.ts';
import { canonicalText } from '../../../../core/data/text.ts';
import { TributaryError } from '../../../../core/errors.ts';
import { parseWith } from '../../../../core/task.ts';
import { createSkips } from '../../report.ts';
import { listed } from '../columns.ts';
import type { TableFormat } from '../format.ts';
import { findColumns } from '../header.ts';
import { garbledCharacter, garbledText, openTable } from '../reader.ts';
import { misshapenRow, readTable } from '../readTable.ts';
import { cellText, type Row } from '../rows.ts';
import { guessNumberFormat } from './guessFormat.ts';
import { proposeCategory } from './proposeCategory.ts';
import { proposeLabel } from './proposeLabel.ts';
import { isNearlyConstant, proposeNumber, settleSentinels } from './proposeNumber.ts';
import { ColumnSurvey } from './survey.ts';

/** What a person says of a table before it is described. */
export interface DescribeTableOptions {
  /** The columns to predict: one, or several yes-or-no questions. */
  label: readonly string[];
  /** What it is, where its values do not say. */
  target?: 'class' | 'number' | undefined;
  /** Columns that are not to be used. */
  ignore?: readonly string[] | undefined;
  format?: TableFormat | undefined;
}

const guessedRows = 2000;
/** A column with a few texts among its numbers is one of numbers with slips. */
const numericShare = 0.98;
/** So many columns of the same name but for its digits are a series. */
const leastSeries = 8;

/** Errors: CONFIG_INVALID without a label, DATA_INVALID where a column is not there or tells nothing apart, DATA_EMPTY. */
export async function describeTable(
  path: string,
  { label, target, ignore = [], format = {} }: DescribeTableOptions,
): Promise<{ data: TableDescription; questions: string[] }> {
  const questions: string[] = [];
  const ask = (question: string) => void questions.push(question);
  const { header, texts } = await firstTexts(path, format, label);
  if (label.length === 0) {
    const wish = `name the column to predict (label); the columns of ${path} are: ${listed(header)}`;
    throw new TributaryError('CONFIG_INVALID', `data: label: ${wish}.`, { args: { field: 'label' } });
  }
  const numbers = guessNumberFormat(texts, format);
  const { decimal, thousands, affixes } = numbers;
  if (decimal !== '.' || thousands !== '') {
    ask(
      `Numbers are read with "${decimal}" before decimals${thousands === '' ? '' : ` and "${thousands}" between thousands`}: is that so?`,
    );
  }
  if (affixes.length > 0) ask(`${affixes.join(' and ')} beside a number is left out.`);
  const surveys = await surveyColumns(path, format, header, (name) => new ColumnSurvey(name, numbers));
  for (const { name, different } of surveys) {
    const garbled = [...different.keys()].find((text) => text.includes(garbledCharacter));
    if (garbled !== undefined) throw garbledText(path, `"${garbled}" in the column "${name}"`);
  }
  const places = findColumns(path, header, [...label, ...ignore]);
  const predicted = places.slice(0, label.length).map((place) => surveys[place]!);
  const left = surveys.filter(({ name }, place) => name !== '' && !places.includes(place));
  if (surveys.some(({ name, known }) => name === '' && known > 0))
    ask('A column without a name is not used: is it an index?');

  const seriesOf = findSeries(left);
  for (const survey of left) settleSentinels(survey, seriesOf(survey).length >= leastSeries, ask);
  const scalings = new Map([...new Set(left.map(seriesOf))].map((series) => [series, scalingOfSeries(series)]));
  const proposed = left.map((survey) => {
    return { survey, column: proposeColumn(survey, scalings.get(seriesOf(survey)), ask) };
  });
  const columns = proposed.flatMap(({ column }) => (column === undefined ? [] : [column]));
  const ignored = [
    ...places.slice(label.length).map((place) => header[place]!),
    ...proposed.flatMap(({ survey, column }) => (column === undefined ? [survey.name] : [])),
  ];
  if (columns.length === 0) {
    throw new TributaryError(
      'DATA_INVALID',
      `${path} has no column to learn from besides the label: ${questions.join(' ')}`,
    );
  }
  const described = { kind: 'table', columns, ignored, label: proposeLabel(predicted, target, ask), numbers };
  const data = parseWith(dataDescriptionSchema, described, 'data') as TableDescription;
  return { data: await withSkips(path, data, format, ask), questions };
}

function proposeColumn(survey: ColumnSurvey, series: SeriesScaling | undefined, ask: (question: string) => void) {
  const isNumeric = survey.numeric > 0 && survey.numeric >= numericShare * survey.known && survey.codes === 0;
  if (!isNumeric) return proposeCategory(survey, ask);
  if (isNamedIndex(survey)) {
    ask(`${survey.name}: it counts the rows: it is put under "ignored".`);
    return undefined;
  }
  if (survey.texts > 0) ask(`${survey.name}: ${survey.texts} values are no numbers: these rows are skipped.`);
  if (series?.first === survey) ask(series.question);
  return proposeNumber(survey, series?.bounds, ask);
}

function isNamedIndex({ name, isCounting }: ColumnSurvey): boolean {
  return isCounting && /^(unnamed: ?\d+|index|id|row(names?|_?id|_?nr)?|nr|no|#)$/i.test(name);
}

/** Columns of numbers with the same name but for its digits: there may be a hundred thousand, so they are looked for once. */
function findSeries(all: readonly ColumnSurvey[]): (survey: ColumnSurvey) => readonly ColumnSurvey[] {
  const pattern = ({ name }: ColumnSurvey) => name.replace(/\d+/g, '#');
  const series = new Map<string, ColumnSurvey[]>(all.map((survey) => [pattern(survey), []]));
  for (const survey of all) if (survey.numeric === survey.known) series.get(pattern(survey))!.push(survey);
  return (survey) => series.get(pattern(survey))!;
}

interface SeriesScaling {
  bounds: readonly [number, number];
  /** Is asked once, with the first of the columns. */
  question: string;
  first: ColumnSurvey;
}

/** Columns of one series, such as pixels, are scaled alike where one of them is nearly constant. */
function scalingOfSeries(series: readonly ColumnSurvey[]): SeriesScaling | undefined {
  const isScarce = (one: ColumnSurvey) =>
    one.numbers.count > 0 && (one.numbers.standardDeviation === 0 || isNearlyConstant(one));
  const [first] = series;
  if (first === undefined || series.length < leastSeries || !series.some(isScarce)) return undefined;
  const lowest = series.reduce((least, { numbers }) => Math.min(least, numbers.lowest), Number.POSITIVE_INFINITY);
  const highest = series.reduce((most, { numbers }) => Math.max(most, numbers.highest), Number.NEGATIVE_INFINITY);
  if (lowest === highest) return undefined;
  const areBytes =
    lowest >= 0 && highest > 127 && highest <= 255 && series.every(({ wholes, numeric }) => wholes === numeric);
  const bounds: [number, number] = areBytes ? [0, 255] : [lowest, highest];
  const question = `${first.name} and ${series.length - 1} columns like it: some are nearly constant, and standardising would make something enormous of a rare value: all are scaled from ${bounds.join(' to ')}; here they are ${lowest} to ${highest}. A row beyond is skipped.`;
  return { bounds, question, first };
}

/** The texts of each column in the first rows, different ones. */
async function firstTexts(path: string, format: TableFormat, label: readonly string[]) {
  const table = await openTable(path, format, label);
  const texts = table.header.map(() => new Set<string>());
  await table.forEach((row) => {
    if (row.isBroken) return;
    for (const [cell, set] of texts.entries()) set.add(canonicalText(cellText(row, cell)));
  }, guessedRows);
  if (texts.every((set) => set.size === 0)) {
    throw new TributaryError('DATA_EMPTY', `${path} holds no rows: it needs a header and at least one row of data.`);
  }
  return { header: table.header, texts: texts.map((set) => [...set]) };
}

async function surveyColumns(
  path: string,
  format: TableFormat,
  header: readonly string[],
  create: (name: string) => ColumnSurvey,
): Promise<ColumnSurvey[]> {
  const surveys = header.map(create);
  const table = await openTable(path, format, header);
  await table.forEach((row: Row) => {
    if (misshapenRow(row, header) !== undefined) return;
    for (let cell = 0; cell < Math.min(row.count, surveys.length); cell++) surveys[cell]!.add(row, cell);
  });
  return surveys;
}

/** The file is read by what it was described as: a task must not refuse the file that it was made from. */
async function withSkips(
  path: string,
  data: TableDescription,
  format: TableFormat,
  ask: (question: string) => void,
): Promise<TableDescription> {
  const skips = createSkips();
  const { count } = await readTable(path, data, format, skips);
  const share = skips.count / Math.max(1, count + skips.count);
  if (share <= data.maxSkippedShare) return data;
  const [worst] = skips.skipped;
  ask(
    `${skips.count} of ${count + skips.count} rows are skipped, most since ${worst!.reason} (${worst!.first[0]}): so many may be ("maxSkippedShare").`,
  );
  return { ...data, maxSkippedShare: Math.min(1, Math.ceil(share * 110) / 100) };
}
