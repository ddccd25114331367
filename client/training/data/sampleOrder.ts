/** Where each value of a sample stands in a file whose samples have the same values in another shape. */
import type { VectorsDescription } from '../../core/data/description.ts';
import { sampleSize } from './dataset.ts';

/**
 * For each place in a sample of `shape` its place in the file, undefined where they are the same; 'refused' where `found`, the
 * shape of the file's samples, is none of: the same up to axes of 1, flat, channels last instead of first (or the reverse).
 */
export function sampleOrder(
  found: readonly number[],
  shape: readonly number[],
  isTransposed: boolean,
): Int32Array | undefined | 'refused' {
  if (sampleSize(found) !== sampleSize(shape)) return 'refused';
  if (isTransposed) return orderOfTransposed(found, shape);
  const file = withoutOnes(found);
  const wanted = withoutOnes(shape);
  if (file.length <= 1 || wanted.length <= 1 || isSame(file, wanted)) return undefined;
  if (file.length !== 3 || wanted.length !== 3) return 'refused';
  for (const axes of [
    [2, 0, 1],
    [1, 2, 0],
  ]) {
    if (
      isSame(
        axes.map((axis) => file[axis]!),
        wanted,
      )
    )
      return orderOf(file, axes);
  }
  return 'refused';
}

function orderOfTransposed(found: readonly number[], shape: readonly number[]): Int32Array | 'refused' {
  const upright = shape.length > 1 ? shape : swapLast(found);
  if (upright.length < 2) return 'refused';
  const file = swapLast(upright);
  const isFlat = withoutOnes(found).length <= 1;
  if (!isFlat && !isSame(withoutOnes(found), withoutOnes(file))) return 'refused';
  return orderOf(file, swapLast(file.map((_, axis) => axis)));
}

/** Axis i of the sample is axis `axes[i]` of the file. */
function orderOf(file: readonly number[], axes: readonly number[]): Int32Array {
  const strides = file.map((_, axis) => sampleSize(file.slice(axis + 1)));
  let order = [0];
  for (const axis of axes) {
    order = order.flatMap((place) => Array.from({ length: file[axis]! }, (_, i) => place + i * strides[axis]!));
  }
  return Int32Array.from(order);
}

const withoutOnes = (shape: readonly number[]) => shape.filter((extent) => extent !== 1);
const isSame = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((n, i) => n === b[i]);

/** Shape of one sample as the task's files have it. */
export function shapeInFiles({ shape, transposed }: Pick<VectorsDescription, 'shape' | 'transposed'>): number[] {
  return transposed ? swapLast(shape) : [...shape];
}

/** With the last two exchanged, where there are two. */
export function swapLast(values: readonly number[]): number[] {
  return values.length < 2 ? [...values] : [...values.slice(0, -2), values.at(-1)!, values.at(-2)!];
}
