/** What every source of data shares: checks, selection of samples, the split into training and held-out sets. */
import { TributaryError, validateArgument } from '../../core/errors.ts';
import { createRandom, shuffleInPlace } from '../../core/random.ts';
import type { Dataset, TaskShape } from '../engine.ts';

/** Number of values in one sample. */
export function sampleSize(inputShape: readonly number[]): number {
  return inputShape.reduce((product, extent) => product * extent, 1);
}

/** Labels are class indices (Int32Array), not targets of a regression (Float32Array). */
export function hasClasses(dataset: Dataset): dataset is Dataset & { labels: Int32Array } {
  return dataset.labels instanceof Int32Array;
}

/**
 * What any data must satisfy before an engine sees it.
 * Errors: DATA_EMPTY, DATA_INVALID (lengths, labels out of range), DATA_NOT_FINITE.
 */
export function checkSamples(dataset: Dataset): void {
  const { features, labels, count, classes } = dataset;
  if (count === 0) {
    throw new TributaryError(
      'DATA_EMPTY',
      'The data holds no samples: check the source, or the share of this trainer.',
    );
  }
  const size = sampleSize(dataset.inputShape);
  const labelSize = hasClasses(dataset) ? 1 : classes;
  if (features.length !== count * size || labels.length !== count * labelSize) {
    throw new TributaryError(
      'DATA_INVALID',
      `${count} samples need ${count * size} features and ${count * labelSize} labels, but there are ${features.length} and ${labels.length}.`,
    );
  }
  const badFeature = findNotFinite(features, dataset.missingAsNaN);
  if (badFeature >= 0) {
    const sample = Math.floor(badFeature / size);
    throw new TributaryError(
      'DATA_NOT_FINITE',
      `Sample ${sample} holds ${features[badFeature]} at feature ${badFeature % size}: remove or repair it.`,
      { args: { sample, feature: badFeature % size } },
    );
  }
  if (!hasClasses(dataset)) {
    const badTarget = findNotFinite(labels);
    if (badTarget < 0) return;
    const sample = Math.floor(badTarget / labelSize);
    throw new TributaryError(
      'DATA_NOT_FINITE',
      `Sample ${sample} has the target ${labels[badTarget]}: remove or repair it.`,
      {
        args: { sample },
      },
    );
  }
  const badLabel = labels.findIndex((label) => label < 0 || label >= classes);
  if (badLabel >= 0) {
    throw new TributaryError(
      'DATA_INVALID',
      `Sample ${badLabel} has the label ${labels[badLabel]}, but the task has the classes 0 to ${classes - 1}.`,
      { args: { sample: badLabel } },
    );
  }
}

/** The place of the first that is NaN or infinite, or -1. A plain loop, since every evaluation comes by here. */
export function findNotFinite(values: ArrayLike<number>, missingAsNaN = false): number {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) && !(missingAsNaN && Number.isNaN(values[i]))) return i;
  }
  return -1;
}

/**
 * The same samples in the task's shape: [784] and [1, 28, 28] hold the same values. A data set with fewer classes than the
 * task is one that has not met them all. Errors: DATA_INVALID.
 */
export function fitToTask(dataset: Dataset, task: TaskShape): Dataset {
  if (sampleSize(dataset.inputShape) !== sampleSize(task.inputShape)) {
    throw new TributaryError(
      'DATA_INVALID',
      `A sample of the data has the shape [${dataset.inputShape}], but the task wants [${task.inputShape}].`,
    );
  }
  if (dataset.classes > task.classes || (!hasClasses(dataset) && dataset.classes !== task.classes)) {
    throw new TributaryError(
      'DATA_INVALID',
      `The data has ${dataset.classes} classes or targets, but the task has ${task.classes}.`,
    );
  }
  return { ...dataset, inputShape: task.inputShape, classes: task.classes };
}

/** The samples at these indices, in this order, copied. */
export function selectSamples(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const size = sampleSize(dataset.inputShape);
  const labelSize = hasClasses(dataset) ? 1 : dataset.classes;
  const count = indices.length;
  const features = new Float32Array(count * size);
  const labels = hasClasses(dataset) ? new Int32Array(count) : new Float32Array(count * labelSize);
  for (let i = 0; i < count; i++) {
    const index = indices[i]!;
    features.set(dataset.features.subarray(index * size, (index + 1) * size), i * size);
    labels.set(dataset.labels.subarray(index * labelSize, (index + 1) * labelSize), i * labelSize);
  }
  return { ...dataset, features, labels, count };
}

/** Indices of the samples of each class, ascending; one list of everything for a regression. */
export function indicesByClass(dataset: Dataset): number[][] {
  const lists: number[][] = Array.from({ length: hasClasses(dataset) ? dataset.classes : 1 }, () => []);
  for (let i = 0; i < dataset.count; i++) lists[hasClasses(dataset) ? dataset.labels[i]! : 0]!.push(i);
  return lists;
}

/**
 * Sets aside `share` of every class (rounded), chosen by the seed: the same seed gives the same held-out samples.
 * Errors: ARGUMENT_INVALID unless 0 ≤ share < 1.
 */
export function splitHeldOut(
  dataset: Dataset,
  share: number,
  seed: string | number,
): { training: Dataset; heldOut: Dataset } {
  validateArgument(share >= 0 && share < 1, `The held-out share must be at least 0 and below 1, not ${share}.`);
  if (share === 0) return { training: dataset, heldOut: selectSamples(dataset, []) };
  // not spread into calls: there may be a million of them
  const training: number[][] = [];
  const heldOut: number[][] = [];
  for (const [label, indices] of indicesByClass(dataset).entries()) {
    shuffleInPlace(indices, createRandom(seed, 'heldOut', label));
    const cut = Math.round(indices.length * share);
    heldOut.push(indices.slice(0, cut));
    training.push(indices.slice(cut));
  }
  const ascending = (a: number, b: number) => a - b;
  return {
    training: selectSamples(dataset, training.flat().sort(ascending)),
    heldOut: selectSamples(dataset, heldOut.flat().sort(ascending)),
  };
}
