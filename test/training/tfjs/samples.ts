import { createRandom } from '../../../client/core/random.ts';
import type { Dataset } from '../../../client/training/engine.ts';
import { elementCount } from '../../../client/training/layout.ts';

/** Seeded samples whose class can be learnt: each class has its own mean. */
export function createSamples(count: number, inputShape: readonly number[], classes: number): Dataset {
  const random = createRandom('samples', count, ...inputShape);
  const size = elementCount(inputShape);
  const labels = Int32Array.from({ length: count }, () => random.below(classes));
  const means = Float32Array.from({ length: classes * size }, () => random.normal());
  const features = Float32Array.from(
    { length: count * size },
    (_, i) => means[labels[Math.floor(i / size)]! * size + (i % size)]! + 0.5 * random.normal(),
  );
  return { features, labels, count, inputShape, classes };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
