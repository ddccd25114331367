/**
 * Which samples make up each step of local training. Every epoch visits the shard once, in an order drawn from one stream
 * for the whole training (label `order`); its last batch may be smaller than the others.
 */
import { createRandom, shuffleInPlace } from '../core/random.ts';

export interface Batches {
  steps: number;
  /** [steps × batch] indices; a smaller batch is filled up with its first sample, at weight 0. */
  order: Int32Array;
  /** [steps × batch] weights in the mean: 1 / samples, or 0. */
  weights: Float32Array;
  /** [steps] samples in each batch. */
  samples: Int32Array;
  /** [steps] which epoch, from 0. */
  epochs: Int32Array;
}

export interface Schedule {
  totalSteps: number;
  /** The next steps, at most `steps` of them. However they are cut, they are the same. */
  take(steps: number): Batches;
}

export function createSchedule(count: number, batch: number, epochs: number, seed: string): Schedule {
  const random = createRandom(seed, 'order');
  const indices = Int32Array.from({ length: count }, (_, index) => index);
  const stepsPerEpoch = Math.ceil(count / batch);
  const totalSteps = stepsPerEpoch * epochs;
  let next = 0;

  function take(wanted: number): Batches {
    const steps = Math.min(wanted, totalSteps - next);
    const batches: Batches = {
      steps,
      order: new Int32Array(steps * batch),
      weights: new Float32Array(steps * batch),
      samples: new Int32Array(steps),
      epochs: new Int32Array(steps),
    };
    for (let step = 0; step < steps; step++, next++) {
      const start = (next % stepsPerEpoch) * batch;
      if (start === 0) shuffleInPlace(indices, random);
      const chosen = indices.subarray(start, Math.min(start + batch, count));
      batches.order.fill(chosen[0]!, step * batch, (step + 1) * batch).set(chosen, step * batch);
      batches.weights.fill(1 / chosen.length, step * batch, step * batch + chosen.length);
      batches.samples[step] = chosen.length;
      batches.epochs[step] = Math.floor(next / stepsPerEpoch);
    }
    return batches;
  }
  return { totalSteps, take };
}
