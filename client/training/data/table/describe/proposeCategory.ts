/** A column of texts as a task may describe it. */
import type { z } from 'zod/v4';
import type { categoryColumnSchema } from '../../../../core/data/columns.ts';
import { listed } from '../columns.ts';
import type { ColumnSurvey } from './survey.ts';
import { missingAmongTexts } from './tokens.ts';

type CategoryColumnInput = z.input<typeof categoryColumnSchema>;
type Ask = (question: string) => void;

/** More different texts than this are names or free text, not a category. */
const mostValues = 100;
/** From so many rows on, texts that are all different are names. */
const fewRows = 10;

/** Undefined where the column is proposed to be ignored. */
export function proposeCategory(survey: ColumnSurvey, ask: Ask): CategoryColumnInput | undefined {
  const { name, different, rows, isOverfull } = survey;
  const reason = whyIgnored(survey);
  if (reason !== undefined) {
    ask(`${name}: ${reason}: it is put under "ignored".`);
    return undefined;
  }
  const isMissing = (text: string) => missingAmongTexts.has(text);
  const values = [...different.keys()].filter((text) => !isMissing(text)).sort();
  const missing = [...different].filter(([text]) => isMissing(text));
  if (isOverfull || values.length === 0) return undefined;
  const numbers = values.filter((text) => /^[+-]?\.?\d/.test(text));
  if (numbers.length > 0 && numbers.length < values.length) {
    const text = values.find((value) => !numbers.includes(value));
    ask(
      `${name}: ${listed(numbers)} beside texts such as ${text}: all are values of a category. Are they codes, or is one a slip, such as 0 for O?`,
    );
  } else if (survey.codes > 0)
    ask(
      `${name}: values such as ${values.find((text) => /^0\d/.test(text))} have leading zeros: they are codes, not numbers.`,
    );
  const cases = values.find((text, place) =>
    values.some((other, at) => at > place && other.toLowerCase() === text.toLowerCase()),
  );
  if (cases !== undefined) ask(`${name}: "${cases}" is also written in other letters: these are two values now.`);
  if (missing.length === 0) return { kind: 'category', name, values };
  const count = missing.reduce((sum, [, times]) => sum + times, 0);
  const texts = new Set(['', ...missing.map(([text]) => text)]);
  ask(
    `${name}: ${count} of ${rows} values are missing (${missing.map(([text]) => `"${text}"`).join(', ')}): they become none of the values. Or shall such rows be skipped ("refuse")?`,
  );
  return { kind: 'category', name, values, missing: { as: [...texts], become: 'none' } };
}

function whyIgnored({
  dates,
  known,
  different,
  rows,
  isOverfull,
  areAllDifferent,
  missing,
}: ColumnSurvey): string | undefined {
  if (known === 0) return 'it holds nothing';
  if (dates > known / 2) return 'it holds dates; a number made of them, such as an age, could be used';
  if (areAllDifferent && rows >= fewRows) return 'every value is another: it is a name or an identifier';
  const values = different.size - missing.size;
  if (isOverfull || values > mostValues) return `it holds more than ${mostValues} different texts`;
  return undefined;
}
