/** A description that two files of numbers suggest, with questions where it guesses. */
import type { VectorsDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { openVectors } from './idx.ts';
import type { NumbersFile } from './numbersFile.ts';

/** With more different labels they are hardly classes. */
const maxClasses = 10_000;

/** Errors: CONFIG_INVALID, DATA_INVALID, DATA_EMPTY. */
export async function describeVectors(where: string): Promise<{ data: VectorsDescription; questions: string[] }> {
  const { samples, labels, labelAt } = await openVectors(where);
  const count = samples.extents[0]!;
  if (count === 0) throw new TributaryError('DATA_EMPTY', `${where} holds no samples: check the source.`);
  const questions: string[] = [];
  const data: VectorsDescription = {
    kind: 'vectors',
    shape: shapeOf(samples, questions),
    range: rangeOf(samples, questions),
    scaling: 'range',
    transposed: false,
    classes: classesOf(labels, count, labelAt, questions),
    maxSkippedShare: 0.05,
  };
  if (/emnist/i.test(where)) {
    questions.push('EMNIST stores its pictures with rows and columns exchanged: is `transposed` to be true?');
  }
  return { data, questions };
}

/** Pictures are channels first. */
function shapeOf({ extents }: NumbersFile, questions: string[]): number[] {
  const found = extents.slice(1);
  if (found.length === 0) return [1];
  if (found.length === 2) return [1, ...found];
  const [height, width, channels] = found;
  if (found.length === 3 && channels! <= 4 && height! > 4) {
    questions.push(
      `The samples are [${found}]: are these pictures with their channels last? The task has channels first.`,
    );
    return [channels!, height!, width!];
  }
  return found;
}

function rangeOf({ type, values }: NumbersFile, questions: string[]): [number, number] {
  if (type === 'uint8') return [0, 255];
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let hasFraction = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
    if (!Number.isInteger(value)) hasFraction = true;
  }
  if (!(lowest < highest)) [lowest, highest] = [lowest || 0, (lowest || 0) + 1];
  const range: [number, number] = lowest >= 0 && highest <= 1 ? [0, 1] : [lowest, highest];
  questions.push(
    `The values go from ${lowest} to ${highest}: is ${range[0]} to ${range[1]} what they can be at all sites?`,
  );
  if (!hasFraction && lowest >= 0)
    questions.push('Are these numbers of tokens or categories? Then `scaling` is "none".');
  return range;
}

function classesOf(
  { path }: NumbersFile,
  count: number,
  labelAt: (sample: number) => number,
  questions: string[],
): string[] {
  const labels = [...new Set(Array.from({ length: count }, (_, sample) => labelAt(sample)))].sort((a, b) => a - b);
  if (labels.length > maxClasses || !labels.every(Number.isInteger)) {
    throw new TributaryError('DATA_INVALID', `${path} holds labels that are no classes: give whole numbers.`);
  }
  const [first, last] = [labels[0]!, labels.at(-1)!];
  if (last - first + 1 !== labels.length) {
    questions.push(`The labels from ${first} to ${last} are not all here: which classes has the task?`);
  } else if (labels.length < 2) questions.push(`There is one class here, ${first}: which others has the task?`);
  return labels.map(String);
}
