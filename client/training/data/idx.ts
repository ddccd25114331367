/** Samples and labels in two files of numbers (IDX or NumPy), as the task describes them. */
import type { VectorsDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import type { Dataset } from '../engine.ts';
import { sampleSize } from './dataset.ts';
import { normaliseInPlace } from './normalise.ts';
import { type NumbersFile, readNumbersFile } from './numbersFile.ts';
import type { Skips } from './report.ts';
import { sampleOrder, shapeInFiles } from './sampleOrder.ts';

/** QMNIST has eight numbers for each digit, of which the first is its label (https://github.com/facebookresearch/qmnist). */
const qmnistColumns = 8;
/** Where all values are in a smaller share of the task's range, a person should look. */
const leastShareOfRange = 1 / 15;

/**
 * `where` is `<features file>,<labels file>`. Features are of the description's shape, scaled and normalised by it.
 * Errors: CONFIG_INVALID, DATA_INVALID, DATA_EMPTY.
 */
export async function readVectors(where: string, description: VectorsDescription, skips: Skips): Promise<Dataset> {
  const { samples, labels: labelFile, labelAt } = await openVectors(where);
  const { shape, normalisation, classes } = description;
  const [low, high] = description.range;
  const [offset, factor] = description.scaling === 'range' ? [low, high - low] : [0, 1];
  const classOf = classesByNumber(classes);
  const values = inShape(samples, description);
  checkScale(samples.path, values, description, skips);
  const size = sampleSize(shape);
  const labels = new Int32Array(samples.extents[0]!);
  let count = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const label = classOf.get(labelAt(sample));
    const vector = values.subarray(sample * size, (sample + 1) * size);
    const wrong = vector.find((value) => !(value >= low && value <= high));
    if (label === undefined) {
      skips.skip("its label is none of the task's classes", `${labelFile.path}, sample ${sample}: ${labelAt(sample)}`);
    } else if (wrong !== undefined) {
      const where = `${samples.path}, sample ${sample}: ${wrong}`;
      skips.skip(`a value is not within ${low} to ${high}, the task's \`range\``, where);
    } else {
      for (let i = 0; i < size; i++) vector[i] = (vector[i]! - offset) / factor;
      values.set(normaliseInPlace(vector, normalisation), count * size);
      labels[count++] = label;
    }
  }
  if (count === 0) throw empty(where, skips);
  const isWhole = count === labels.length;
  return {
    features: isWhole ? values : values.slice(0, count * size),
    labels: isWhole ? labels : labels.slice(0, count),
    count,
    inputShape: [...shape],
    classes: classes.length,
  };
}

/** Samples without labels, [count, …shape], in the file's own numbers. Errors: DATA_INVALID. */
export async function readSamples(path: string, description: VectorsDescription): Promise<Float32Array> {
  return inShape(await readNumbersFile(path), description);
}

/** All values in the description's shape, copied. Errors: DATA_INVALID where the file's samples have another. */
function inShape(file: NumbersFile, description: VectorsDescription): Float32Array {
  const order = sampleOrder(file.extents.slice(1), description.shape, description.transposed);
  if (order === 'refused') throw otherShape(file, description);
  return order === undefined ? Float32Array.from(file.values) : reordered(file.values, order);
}

/** Samples of the description's shape as the files have them, whose last two axes are exchanged where they are transposed. */
export function asInFiles(values: Float32Array, description: VectorsDescription): Float32Array {
  const order = description.transposed && sampleOrder(description.shape, shapeInFiles(description), true);
  return order instanceof Int32Array ? reordered(values, order) : values;
}

function reordered(values: ArrayLike<number>, order: Int32Array): Float32Array {
  const result = new Float32Array(values.length);
  for (let start = 0; start < result.length; start += order.length) {
    for (let i = 0; i < order.length; i++) result[start + i] = values[start + order[i]!]!;
  }
  return result;
}

/** Two files that belong together. Errors: CONFIG_INVALID, DATA_INVALID. */
export async function openVectors(where: string) {
  const [featuresPath, labelsPath, ...rest] = where.split(',');
  if (!featuresPath || !labelsPath || rest.length > 0) {
    throw new TributaryError('CONFIG_INVALID', `data: "${where}" is not <features file>,<labels file>.`);
  }
  const samples = await readNumbersFile(featuresPath);
  const labels = await readNumbersFile(labelsPath);
  const [count, columns = 1, ...more] = labels.extents;
  const isQmnist = columns === qmnistColumns && labels.type === 'int32';
  if (count === undefined || more.length > 0 || (columns !== 1 && !isQmnist)) {
    throw new TributaryError(
      'DATA_INVALID',
      `${labelsPath} has the shape [${labels.extents}], but labels are one number a sample: give the features first and then the labels, as numbers of classes.`,
    );
  }
  if (samples.extents[0] !== count) {
    throw new TributaryError(
      'DATA_INVALID',
      `${featuresPath} holds ${samples.extents[0] ?? 0} samples but ${labelsPath} holds ${count} labels: take two files that belong together.`,
    );
  }
  return { samples, labels, labelAt: (sample: number) => labels.values[sample * columns]! };
}

/** Errors: DATA_INVALID for a class that is no number. */
function classesByNumber(classes: readonly string[]): Map<number, number> {
  const stranger = classes.find((name) => name.trim() === '' || !Number.isFinite(Number(name)));
  if (stranger !== undefined) {
    throw new TributaryError(
      'DATA_INVALID',
      `The task's class "${stranger}" is no number, but these files have numbers as labels: the task must name its classes as the files do.`,
    );
  }
  return new Map(classes.map((name, index) => [Number(name), index]));
}

/** Values that somebody has scaled already lie within the range, and would be scaled twice. */
function checkScale(path: string, values: Float32Array, description: VectorsDescription, skips: Skips): void {
  const [low, high] = description.range;
  let [largest, hasFraction] = [Number.NEGATIVE_INFINITY, false];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > largest) largest = value;
    if (!hasFraction && value > 0 && value < 1) hasFraction = true;
  }
  if (description.scaling === 'none' || !(largest > low) || largest - low >= (high - low) * leastShareOfRange) return;
  const found = `${path}: the largest value is ${largest}, but the task's range is ${low} to ${high}`;
  if (low === 0 && largest <= 1 && hasFraction) {
    throw new TributaryError(
      'DATA_INVALID',
      `${found}: these values have been scaled already, give them as they were.`,
    );
  }
  skips.remark(`${found}: are these the task's numbers?`);
}

function otherShape({ path, extents }: NumbersFile, { shape, transposed }: VectorsDescription): TributaryError {
  const wanted = transposed ? `[${shape}] with its last two axes exchanged` : `[${shape}]`;
  return new TributaryError(
    'DATA_INVALID',
    `${path} holds samples of the shape [${extents.slice(1)}], but the task wants ${wanted}: give the files that the task describes.`,
  );
}

function empty(where: string, { skipped: [worst] }: Skips): TributaryError {
  const why =
    worst === undefined ? 'check the source' : `${worst.count} are left out, first ${worst.first[0]}: ${worst.reason}`;
  return new TributaryError('DATA_EMPTY', `${where} holds no samples that can be used: ${why}.`);
}
