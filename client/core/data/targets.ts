/** What a task's outputs are of, in its own words. */
import { classNamesOf, type DataDescription } from './description.ts';

/** Names of the classes, the questions or the number that is predicted; of a task that does not describe its data their places, `count` of them. */
export function targetNamesOf(data: DataDescription | undefined, count: number): readonly string[] {
  if (data?.kind === 'table' && data.label.kind === 'labels') return data.label.columns;
  if (data?.kind === 'table' && data.label.kind === 'number') return [data.label.column];
  return (data && classNamesOf(data)) ?? Array.from({ length: count }, (_, place) => String(place));
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
