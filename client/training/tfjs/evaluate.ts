import type { Tensor } from '@tensorflow/tfjs';
import { type Dataset, type Evaluation, outputsOf, type TrainingPlan } from '../engine.ts';
import { createScorer } from '../score.ts';
import type { Architecture } from './architecture.ts';
import { batchTensors } from './batches.ts';
import type { Tf } from './tf.ts';

/** Samples at a time: bounds the memory. */
const batchSize = 256;

/** Mean loss and accuracy, summed in double precision. */
export function evaluateModel(tf: Tf, architecture: Architecture, plan: TrainingPlan, data: Dataset): Evaluation {
  const { count } = data;
  const width = outputsOf(data, plan.loss);
  const score = createScorer(plan, data);
  let loss = 0;
  let correct = 0;
  for (let start = 0; start < count; start += batchSize) {
    const indices = Array.from({ length: Math.min(batchSize, count - start) }, (_, i) => start + i);
    let outputs = new Float32Array();
    tf.tidy(() => {
      const { inputs } = batchTensors(tf, architecture, data, indices);
      outputs = (
        architecture.model.apply(inputs, { training: false }) as Tensor
      ).dataSync() as Float32Array<ArrayBuffer>;
    });
    for (const [i, sample] of indices.entries()) {
      const scored = score(outputs.subarray(i * width, (i + 1) * width), sample);
      loss += scored.loss;
      correct += scored.correct;
    }
  }
  return { loss: loss / count, accuracy: correct / count, count };
}
