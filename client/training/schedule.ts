/**
 * Which samples make up each step of local training. Every epoch visits the shard once, in an order drawn from one stream
 * for the whole training (label `order`); its last batch may be smaller than the others.
 */
import { createRandom, type Random, shuffleInPlace } from '../core/random.ts';

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
  /** [steps] of Poisson samples: 1 for the last batch of a sample. */
  applies?: Uint8Array;
}

export interface Schedule {
  /** The next steps, at most `steps` of them, none at the end. However they are cut, they are the same. */
  take(steps: number): Batches;
}

export function createSchedule(
  count: number,
  batch: number,
  epochs: number,
  seed: string,
): Schedule & { totalSteps: number } {
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

/** How often data of `count` samples is sampled, and with what chance each is in: what a budget of privacy is spent on. */
export function poissonSteps(
  count: number,
  { batchSize, epochs }: { batchSize: number; epochs: number },
): { samplingRate: number; times: number } {
  const samplingRate = Math.min(1, batchSize / count);
  return { samplingRate, times: epochs * Math.ceil(1 / samplingRate) };
}

/** Samples that a batch of the graph holds: a Poisson sample is larger once in forty times, and then takes another batch. */
export function poissonCapacity(count: number, batchSize: number): number {
  return Math.min(count, Math.ceil(batchSize + 2 * Math.sqrt(batchSize)));
}

/** Poisson samples, cut into batches of `capacity`; every sample has the last of its batches, be it empty. A present one's weight is 1. */
export function createPoissonSchedule(
  count: number,
  capacity: number,
  plan: { batchSize: number; epochs: number },
  random: Random,
): Schedule {
  const { samplingRate, times } = poissonSteps(count, plan);
  const threshold = samplingRate * 2 ** 32;
  let drawn = 0;
  let pieces: { chosen: number[]; epoch: number; applies: number }[] = [];

  function drawSample(): void {
    const chosen: number[] = [];
    for (let index = 0; index < count; index++) if (random.uint32() < threshold) chosen.push(index);
    const epoch = Math.floor((drawn * plan.epochs) / times);
    for (let from = 0; from === 0 || from < chosen.length; from += capacity) {
      const applies = from + capacity >= chosen.length ? 1 : 0;
      pieces.push({ chosen: chosen.slice(from, from + capacity), epoch, applies });
    }
    drawn++;
  }

  return {
    take(wanted) {
      while (pieces.length < wanted && drawn < times) drawSample();
      const taken = pieces.slice(0, wanted);
      pieces = pieces.slice(wanted);
      const steps = taken.length;
      const batches = {
        steps,
        order: new Int32Array(steps * capacity),
        weights: new Float32Array(steps * capacity),
        samples: Int32Array.from(taken, ({ chosen }) => chosen.length),
        epochs: Int32Array.from(taken, ({ epoch }) => epoch),
        applies: Uint8Array.from(taken, ({ applies }) => applies),
      };
      taken.forEach(({ chosen }, step) => {
        batches.order.set(chosen, step * capacity);
        batches.weights.fill(1, step * capacity, step * capacity + chosen.length);
      });
      return batches;
    },
  };
}
