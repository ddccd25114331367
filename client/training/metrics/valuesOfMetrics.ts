import type { MetricName } from '../../core/task.ts';
import type { CompiledModel, Dataset } from '../engine.ts';
import { type MeasuredTask, measureModel } from './measure.ts';
import { valueOfMetric } from './taskMetric.ts';

/**
 * The values of these metrics, NaN where one cannot be said; a program says itself what it has measured on data of its own.
 * Errors: those of `predict` or `evaluate`.
 */
export async function valuesOfMetrics(
  model: Pick<CompiledModel, 'predict' | 'evaluate' | 'lossesInParts'>,
  parameters: Float32Array,
  data: Dataset,
  task: MeasuredTask,
  names: readonly MetricName[],
): Promise<number[]> {
  if (model.lossesInParts === undefined) {
    const metrics = await measureModel(model, parameters, data, task);
    return names.map((name) => valueOfMetric(metrics, name));
  }
  const { accuracy, metrics } = await model.evaluate(parameters, data);
  return names.map((name) => metrics?.[name] ?? (name === 'accuracy' ? accuracy : Number.NaN));
}
