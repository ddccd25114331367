/** A column of numbers as a task may describe it. */
import type { z } from 'zod/v4';
import type { numberColumnSchema } from '../../../../core/data/columns.ts';
import { formatNumber } from '../formatNumber.ts';
import type { ColumnSurvey } from './survey.ts';
import { unitIn } from './unitIn.ts';

type NumberColumnInput = z.input<typeof numberColumnSchema>;
type Ask = (question: string) => void;

/** Few whole numbers may be codes. */
const fewWholes = 10;
/** A share of one value beyond which a deviation makes something enormous of the others. */
const nearlyAll = 0.9;
const enormous = 5;

/** `bounds` are those of columns of one series, such as pixels, where the column belongs to one. */
export function proposeNumber(
  survey: ColumnSurvey,
  bounds: readonly [number, number] | undefined,
  ask: Ask,
): NumberColumnInput {
  const { name, numbers } = survey;
  const unit = unitIn(name, numbers, ask);
  const missing = proposeMissing(survey, ask);
  const of = { kind: 'number' as const, name, ...(unit !== undefined && { unit }), ...missing };
  const { mean, standardDeviation, lowest, highest } = numbers;
  const constants = {
    mean: rounded(mean),
    ...(standardDeviation > 0 && { standardDeviation: rounded(standardDeviation) }),
  };
  if (bounds !== undefined) return { ...of, range: [...bounds], scaling: 'range', ...constants };
  askAboutCodes(survey, ask);
  if (standardDeviation === 0) {
    ask(
      `${name}: every value is ${formatNumber(lowest)}: does the column say anything? It is scaled by a range that you should set.`,
    );
    const range: [number, number] = lowest === 0 ? [0, 1] : lowest > 0 ? [0, lowest] : [lowest, 0];
    return { ...of, range, scaling: 'range', ...constants };
  }
  if (lowest === 0 && highest === 1 && survey.different.size - survey.missing.size <= 2) {
    return { ...of, range: [0, 1], scaling: 'range', ...constants };
  }
  if (isNearlyConstant(survey)) {
    const extreme = Math.max(highest - mean, mean - lowest) / standardDeviation;
    ask(
      `${name}: nearly all values are the same; standardising would make ${formatNumber(extreme)} of a rare one, so its range is scaled to 0 to 1: are ${formatNumber(lowest)} and ${formatNumber(highest)} the lowest and the highest that any site has? A row beyond is skipped.`,
    );
    return { ...of, range: [lowest, highest], scaling: 'range', ...constants };
  }
  return { ...of, ...constants };
}

/** Whether a rare value is made enormous by standardising. */
export function isNearlyConstant({ different, rows, numbers, isOverfull }: ColumnSurvey): boolean {
  const { mean, standardDeviation, lowest, highest } = numbers;
  if (isOverfull || numbers.count === 0) return false;
  const commonest = [...different.values()].reduce((a, b) => Math.max(a, b));
  return commonest >= nearlyAll * rows && Math.max(highest - mean, mean - lowest) > enormous * standardDeviation;
}

/** Constants need no more digits than features have, and a manifest has little room. */
export function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** Sentinels that lie beyond all other numbers are taken for missing. Of a series, such as pixels, only negative ones can be. */
export function settleSentinels(survey: ColumnSurvey, isOfSeries: boolean, ask: Ask): void {
  const { lowest, highest, count } = survey.numbers;
  const isBeyond = (value: number, times: number) => {
    if (count === 0 || lowest < 0) return false;
    return value < 0 || (!isOfSeries && times > 1 && highest > 0 && 3 * highest < value);
  };
  for (const [value, times] of survey.settle(isBeyond)) {
    ask(
      `${survey.name}: ${value} stands there ${times} times, beyond all other values: it is taken for missing. Is it a value?`,
    );
  }
}

function proposeMissing(survey: ColumnSurvey, ask: Ask): Pick<NumberColumnInput, 'missing'> {
  const { missing, name, rows, numbers } = survey;
  const texts = new Set(['', ...missing.keys(), ...survey.missingNumbers]);
  const count = rows - numbers.count - survey.texts - survey.dates;
  if (count <= 0) return {};
  const written = [...texts].filter((text) => text !== '' || missing.has('')).map((text) => `"${text}"`);
  ask(
    `${name}: ${count} of ${rows} values are missing (${written.join(', ')}): they become the mean, and a further feature says so. Or shall such rows be skipped ("refuse")?`,
  );
  return { missing: { as: [...texts], become: 'mean', indicator: true } };
}

function askAboutCodes(survey: ColumnSurvey, ask: Ask): void {
  const { name, different, missing, numbers, wholes, rows, isOverfull, isCounting, areAllDifferent, exponents } =
    survey;
  const values = different.size - missing.size;
  if (exponents > 0)
    ask(`${name}: texts such as 4E1 are read as numbers: are they codes? Then make a category of the column.`);
  if (isCounting && rows > 2) ask(`${name}: the values count the rows: is it an index? Then move it to "ignored".`);
  else if (
    areAllDifferent &&
    wholes === rows &&
    (rows >= 100 || /(^|[^a-z])(id|nr|no|key|mrn)([^a-z]|$)|number/i.test(name))
  ) {
    ask(`${name}: every value is another whole number: is it an identifier? Then move it to "ignored".`);
  }
  if (isOverfull || wholes < numbers.count || values > fewWholes || values <= 2 || rows < 3 * values) return;
  ask(
    `${name}: only ${values} different whole numbers: are they codes for something? Then make a category of the column.`,
  );
}
