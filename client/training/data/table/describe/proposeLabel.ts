/** What is to be predicted, as a task may describe it. */
import type { TableDescription } from '../../../../core/data/description.ts';
import { parseNumber } from '../../../../core/data/numberText.ts';
import { TributaryError } from '../../../../core/errors.ts';
import { formatNumber } from '../formatNumber.ts';
import { rounded } from './proposeNumber.ts';
import type { ColumnSurvey } from './survey.ts';
import { missingAmongNumbers } from './tokens.ts';

type Label = TableDescription['label'];
type Ask = (question: string) => void;

/** A label with more different numbers than this is a number to predict. */
const mostNumericClasses = 20;

/** `target` decides between a class and a number. Errors: DATA_INVALID where the file does not show what there is to tell apart. */
export function proposeLabel(
  surveys: readonly ColumnSurvey[],
  target: 'class' | 'number' | undefined,
  ask: Ask,
): Label {
  const [survey] = surveys as [ColumnSurvey];
  for (const { name, rows, known } of surveys) {
    if (known < rows) ask(`${name}: ${rows - known} of ${rows} labels are missing: these rows are skipped.`);
  }
  if (surveys.length > 1) return proposeQuestions(surveys);
  const isNumeric = survey.numeric === survey.known && survey.known > 0;
  const hasMany = survey.isOverfull || survey.different.size - survey.missing.size > mostNumericClasses;
  if (target === 'number' || (target === undefined && isNumeric && hasMany)) {
    if (!isNumeric) throw useless(`the label "${survey.name}" is to be a number, but holds texts`);
    if (target === undefined)
      ask(`${survey.name}: more than ${mostNumericClasses} different numbers: it is predicted as a number.`);
    return proposeTarget(survey);
  }
  const classes = classesOf(survey);
  if (isNumeric && classes.length > 2 && target === undefined) {
    ask(`${survey.name}: its ${classes.length} numbers are classes: or is it a number to predict (target number)?`);
  }
  const isAlike = classes.some((one, place) =>
    classes.some((other, at) => at > place && one.toLowerCase() === other.toLowerCase()),
  );
  if (isAlike) ask(`${survey.name}: two classes differ only in small and capital letters: ${classes.join(', ')}.`);
  return { kind: 'class', column: survey.name, classes };
}

/** Numbers by value, texts by code point. */
function classesOf({ name, different, isOverfull, numeric, known, format }: ColumnSurvey): string[] {
  const texts = [...different.keys()].filter((text) => !missingAmongNumbers.has(text));
  if (isOverfull) throw useless(`the label "${name}" holds too many different texts to be classes`);
  const classes =
    numeric === known
      ? [...new Set(texts.map((text) => parseNumber(text, format)))].sort((a, b) => a - b).map(String)
      : texts.sort();
  if (classes.length >= 2) return classes;
  throw useless(
    `the label "${name}" has ${classes.length === 1 ? `only the class ${classes[0]}` : 'no values'}: describe a file in which all classes occur, or write "classes" by hand`,
  );
}

function proposeTarget(survey: ColumnSurvey): Label {
  survey.settle(() => false);
  const { name, numbers } = survey;
  const { mean, standardDeviation } = numbers;
  if (standardDeviation === 0) throw useless(`every label "${name}" is ${formatNumber(mean)}`);
  return { kind: 'number', column: name, mean: rounded(mean), standardDeviation: rounded(standardDeviation) };
}

function proposeQuestions(surveys: readonly ColumnSurvey[]): Label {
  const answers = [...new Set(surveys.flatMap(({ different }) => [...different.keys()]))]
    .filter((text) => !missingAmongNumbers.has(text))
    .sort();
  const [no, yes, ...others] = answers;
  if (no === undefined || yes === undefined || others.length > 0) {
    throw useless(
      `several labels are yes-or-no questions with the same two answers, but here they hold ${answers.join(', ')}`,
    );
  }
  return { kind: 'labels', columns: surveys.map(({ name }) => name), values: [no, yes] };
}

function useless(reason: string): TributaryError {
  return new TributaryError('DATA_INVALID', `The data cannot be described: ${reason}.`);
}
