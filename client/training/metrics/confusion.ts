/** What follows from which class was taken for which. */
import { mean } from './probabilities.ts';

/** Shares are 0 where nothing is to be shared: a class that no sample has, or that was never predicted. */
export interface ClassCounts {
  name: string;
  /** Samples of the class. */
  support: number;
  precision: number;
  recall: number;
  /** Harmonic mean of the two. */
  f1: number;
}

/** `confusion[actual][predicted]` is a number of samples. */
export function countClasses(confusion: readonly (readonly number[])[], names: readonly string[]): ClassCounts[] {
  const predicted = names.map((_, each) => confusion.reduce((sum, row) => sum + row[each]!, 0));
  return names.map((name, each) => {
    const right = confusion[each]![each]!;
    const support = confusion[each]!.reduce((sum, count) => sum + count, 0);
    const precision = predicted[each] === 0 ? 0 : right / predicted[each]!;
    const recall = support === 0 ? 0 : right / support;
    return { name, support, precision, recall, f1: (2 * right) / (support + predicted[each]! || 1) };
  });
}

/** Over the classes that were met or predicted. */
export function macroF1(confusion: readonly (readonly number[])[], counts: readonly ClassCounts[]): number {
  const met = counts.filter(({ support }, each) => support > 0 || confusion.some((row) => row[each]! > 0));
  return mean(met.map(({ f1 }) => f1));
}

/** The mean recall of the classes that were met. */
export function balancedAccuracy(counts: readonly ClassCounts[]): number {
  return mean(counts.filter(({ support }) => support > 0).map(({ recall }) => recall));
}
