/** What a task's outputs are of, in its own words. */
import { classNamesOf, type DataDescription } from './description.ts';

/** Names of the classes, the questions or the number that is predicted; undefined for a task that does not describe its data. */
export function targetNamesOf(data: DataDescription | undefined): readonly string[] | undefined {
  if (data?.kind !== 'table' || data.label.kind === 'class') return data && classNamesOf(data);
  return data.label.kind === 'labels' ? data.label.columns : [data.label.column];
}

/** A number to predict is trained as (value − mean) ÷ standardDeviation. */
export function scaleOfTargets(data: DataDescription | undefined): { mean: number; standardDeviation: number } {
  const label = data?.kind === 'table' ? data.label : undefined;
  if (label?.kind !== 'number' || label.mean === undefined || label.standardDeviation === undefined) {
    return { mean: 0, standardDeviation: 1 };
  }
  return { mean: label.mean, standardDeviation: label.standardDeviation };
}

export function unitOfTarget(data: DataDescription | undefined): string | undefined {
  return data?.kind === 'table' && data.label.kind === 'number' ? data.label.unit : undefined;
}
