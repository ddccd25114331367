/** The metric by which a task compares its rounds. */
import { TributaryError } from '../../core/errors.ts';
import type { MetricName, TaskManifest } from '../../core/task.ts';
import type { Metrics } from './measure.ts';

/** The metric that a task names, or the usual one of its kind. */
export interface TaskMetric {
  name: MetricName;
  /** Rounds without a better one after which trainers end. */
  patience?: number | undefined;
  /** What counts as better. */
  leastGain: number;
}

const ofNumbers: readonly MetricName[] = ['rmse', 'mae', 'r2'];
const lowerIsBetter: readonly MetricName[] = ['logLoss', 'calibrationError', 'rmse', 'mae'];

/** Errors: CONFIG_INVALID where the task's loss has no such metric. */
export function metricOf({ metric, training: { loss } }: Pick<TaskManifest, 'metric' | 'training'>): TaskMetric {
  const isOfNumbers = loss.endsWith('Error');
  if (metric === undefined) return { name: isOfNumbers ? 'rmse' : 'accuracy', leastGain: 0 };
  if (isOfNumbers === ofNumbers.includes(metric.name)) return metric;
  const wanted = isOfNumbers ? ofNumbers.join(', ') : 'one of classes, such as accuracy, f1, auc or logLoss';
  throw new TributaryError(
    'CONFIG_INVALID',
    `task.metric.name: ${metric.name} does not go with the loss ${loss}: name ${wanted}.`,
  );
}

/** NaN where it cannot be said of these samples. */
export function valueOfMetric(metrics: Metrics, name: MetricName): number {
  return (metrics as Partial<Record<MetricName, number>>)[name] ?? Number.NaN;
}

/** Whether `value` is better than `best` by more than the least gain. What cannot be said is never better. */
export function isBetter(
  { name, leastGain }: Pick<TaskMetric, 'name' | 'leastGain'>,
  value: number,
  best: number,
): boolean {
  const gain = lowerIsBetter.includes(name) ? best - value : value - best;
  return Number.isNaN(best) ? !Number.isNaN(value) : gain > leastGain;
}
