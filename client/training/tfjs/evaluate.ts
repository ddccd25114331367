import { type Dataset, type Evaluation, outputsOf, type TrainingPlan } from '../engine.ts';
import { createScorer } from '../score.ts';
import type { Architecture } from './architecture.ts';
import { outputBatches } from './predict.ts';
import type { Tf } from './tf.ts';

/** Mean loss and accuracy, summed in double precision. */
export function evaluateModel(tf: Tf, architecture: Architecture, plan: TrainingPlan, data: Dataset): Evaluation {
  const { count } = data;
  const width = outputsOf(data, plan.loss);
  const score = createScorer(plan, data);
  let loss = 0;
  let correct = 0;
  for (const { start, samples, values } of outputBatches(tf, architecture, data)) {
    for (let i = 0; i < samples; i++) {
      const scored = score(values.subarray(i * width, (i + 1) * width), start + i);
      loss += scored.loss;
      correct += scored.correct;
    }
  }
  return { loss: loss / count, accuracy: correct / count, count };
}
