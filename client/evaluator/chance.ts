/** What is more than chance in a number that was measured on samples. */
import { selectSamples } from '../training/data/dataset.ts';
import type { Dataset } from '../training/engine.ts';

/** Parts of the validation data. Each gives the number once; how much they differ says how sure their mean is. */
export const mostFolds = 10;

/** Standard errors up to which a difference is taken for chance, and from which it is believed whole. */
const chanceErrors = 3;
const certainErrors = 6;

/** Rounds over which differences of folds are averaged. */
const followedRounds = 16;

/** The average of what was found before and now, fold by fold; nothing where none was. */
export function follow(before: readonly number[] | undefined, now: readonly number[]): number[] {
  return now.map((value, fold) => {
    const old = before?.[fold] ?? 0;
    return old + (value - old) / followedRounds;
  });
}

/** Every k-th sample, so that data sorted by label give like folds. */
export function foldsOf(data: Dataset): Dataset[] {
  const folds = Math.min(mostFolds, data.count);
  const indices = Array.from({ length: data.count }, (_, index) => index);
  return Array.from({ length: folds }, (_, fold) => {
    return selectSamples(
      data,
      indices.filter((index) => index % folds === fold),
    );
  });
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the mean of independent values; 0 for a single one. */
export function standardErrorOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Firm shrinkage (Gao and Bruce, Statistica Sinica 7 (1997), section 2): nothing of what may be chance, all of what is certain, and in between a part that grows evenly. */
export function shrink(difference: number, standardError: number): number {
  const errors = Math.abs(difference) / standardError;
  if (!(errors < certainErrors)) return difference;
  if (errors <= chanceErrors) return 0;
  const kept = (certainErrors * (errors - chanceErrors)) / (certainErrors - chanceErrors);
  return Math.sign(difference) * kept * standardError;
}
