/** How good a model is, by everything that people ask of one of its kind. */

import type { DataDescription } from '../../core/data/description.ts';
import { scaleOfTargets, targetNamesOf } from '../../core/data/targets.ts';
import type { CompiledModel, Dataset, TrainingPlan } from '../engine.ts';
import { type ClassMetrics, measureClasses } from './ofClasses.ts';
import { measureNumbers, type NumberMetrics } from './ofNumbers.ts';
import { measureQuestions, type QuestionMetrics } from './ofQuestions.ts';

/** What of a task's manifest says what its model's outputs are of. */
export interface MeasuredTask {
  training: Pick<TrainingPlan, 'loss'>;
  data?: DataDescription | undefined;
}

/** By what its outputs are of. */
export type Metrics = ClassMetrics | QuestionMetrics | NumberMetrics;

/** `outputs` are as `CompiledModel.predict` gives them, for the samples of `data`. */
export function measure(
  outputs: Float32Array,
  { labels, classes }: Pick<Dataset, 'labels' | 'classes'>,
  { training: { loss }, data }: MeasuredTask,
): Metrics {
  const names = targetNamesOf(data, classes);
  switch (loss) {
    case 'softmaxCrossEntropy':
    case 'binaryCrossEntropy':
      return measureClasses(outputs, labels, names);
    case 'multiLabelCrossEntropy':
      return measureQuestions(outputs, labels, names);
    default:
      return measureNumbers(outputs, labels, classes, scaleOfTargets(data).standardDeviation);
  }
}

/** Errors: those of `predict`. */
export async function measureModel(
  model: Pick<CompiledModel, 'predict'>,
  parameters: Float32Array,
  data: Dataset,
  task: MeasuredTask,
): Promise<Metrics> {
  return measure(await model.predict(parameters, data), data, task);
}
