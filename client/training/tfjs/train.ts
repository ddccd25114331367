/** Local training: batches in the seeded order of `schedule.ts`, gradients by TensorFlow.js, the optimiser in place. */

import { createRandom } from '../../core/random.ts';
import { checkAborted, checkConverged } from '../checks.ts';
import type { Dataset, TrainedParameters, TrainingPlan, TrainOptions } from '../engine.ts';
import { createSchedule } from '../schedule.ts';
import type { Architecture } from './architecture.ts';
import { batchTensors, lossOf } from './batches.ts';
import { layersOf } from './layers.ts';
import { createUpdate } from './optimizers.ts';
import type { Tf } from './tf.ts';
import { assign, type Weights } from './weights.ts';

/** Longest time in milliseconds without letting other work of the process run. */
const maxBlockingMs = 50;

/** Errors: ABORTED, TRAINING_DIVERGED. */
export async function train(
  tf: Tf,
  architecture: Architecture,
  weights: Weights,
  plan: TrainingPlan,
  parameters: Float32Array,
  data: Dataset,
  { seed, onProgress, signal }: TrainOptions,
): Promise<TrainedParameters> {
  const startedAt = performance.now();
  const batchSize = Math.min(plan.batchSize, data.count);
  const schedule = createSchedule(data.count, batchSize, plan.epochs, seed);
  const samplesTotal = data.count * plan.epochs;
  const values = weights.fromFlat(parameters);
  const updates = values.map((start) => createUpdate(plan, start.slice()));
  weights.write(parameters);
  const seedDropout = dropoutSeeder(architecture, seed);
  let lossSum = 0;
  let samplesDone = 0;
  let yieldedAt = startedAt;
  for (let step = 1; step <= schedule.totalSteps; step++) {
    checkAborted(signal);
    seedDropout();
    const { order, samples, epochs } = schedule.take(1);
    const [count, epoch] = [samples[0]!, epochs[0]!];
    const { loss, gradients } = gradientsOf(tf, architecture, weights, plan, data, order.subarray(0, count));
    checkConverged([loss], plan);
    for (const [place, variable] of weights.variables.entries()) {
      const gradient = gradients[place];
      if (gradient === undefined) values[place]!.set(variable.dataSync());
      else {
        updates[place]!(values[place]!, gradient, step);
        assign(tf, variable, values[place]!);
      }
    }
    samplesDone += count;
    if (epoch === plan.epochs - 1) lossSum += loss * count;
    if (performance.now() - yieldedAt > maxBlockingMs || step === schedule.totalSteps) {
      onProgress?.({ epoch: epoch + 1, epochs: plan.epochs, samplesDone, samplesTotal });
      await new Promise((resolve) => setTimeout(resolve, 0));
      yieldedAt = performance.now();
    }
  }
  const trained = weights.toFlat(values);
  checkConverged(trained, plan);
  const seconds = (performance.now() - startedAt) / 1000;
  return { parameters: trained, loss: lossSum / data.count, samples: samplesDone, seconds };
}

/** Mean loss of a batch (with the model's own regularisers), and its gradient for each variable that has one. */
export function gradientsOf(
  tf: Tf,
  architecture: Architecture,
  { variables, isTrained }: Weights,
  plan: TrainingPlan,
  data: Dataset,
  indices: ArrayLike<number>,
): { loss: number; gradients: (Float32Array | undefined)[] } {
  let loss = Number.NaN;
  let gradients: (Float32Array | undefined)[] = [];
  const trained = variables.filter((_, place) => isTrained[place]);
  tf.tidy(() => {
    const { inputs, targets } = batchTensors(tf, architecture, data, indices);
    const { value, grads } = tf.variableGrads(() => {
      const outputs = architecture.model.apply(inputs, { training: true });
      const batchLoss = lossOf(tf, plan, outputs as typeof inputs, targets);
      return architecture.model.calculateLosses().reduce((sum, term) => tf.add(sum, term), batchLoss);
    }, trained);
    loss = value.dataSync()[0]!;
    gradients = variables.map(({ name }) => grads[name]?.dataSync() as Float32Array | undefined);
    // Nothing is returned: tidy would look for tensors in every number of it.
  });
  return { loss, gradients };
}

/** Gives every dropout layer a fresh seed a step: with one of its own it would drop the same units each time. */
function dropoutSeeder({ model }: Architecture, seed: string): () => void {
  const layers = layersOf(model).map(({ layer }) => layer);
  const dropouts = layers.filter((layer) => layer.getClassName() === 'Dropout') as unknown as { seed: number }[];
  const random = createRandom(seed, 'dropout');
  return () => {
    for (const layer of dropouts) layer.seed = random.uint32();
  };
}
