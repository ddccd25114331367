/**
 * An aggregation rule turns the updates of a round into one step of the model, coordinate by coordinate. All three
 * rules have one form, which is what makes them provable by chunk: a divisor that is the same for every coordinate,
 * and a sum of biased values (each carries `updateBias`, so that every number is non-negative):
 *
 *   step = roundedStep(biasedSum, divisor)
 *
 * The weighted mean sums weight × value. The trimmed mean and the median, which is the trimmed mean that keeps one or
 * two values, sum the values clamped to two cut values (core/rules/trimmedMean.ts).
 */
export type RuleName = 'mean' | 'median' | 'trimmedMean';

/** A rule of aggregation with its parameter. */
export interface Rule {
  name: RuleName;
  /** For trimmedMean: the share cut off at each end, in basis points, below 5000. */
  trimBasisPoints: number;
}

/** An update as aggregation takes it: verified against its commitment. */
export interface WeightedUpdate {
  values: Int16Array;
  weight: number;
}

/** Values cut off at each end of n sorted ones. Independent of weights: the rule gives one vote to each trainer. */
export function trimCount(rule: Rule, inputs: number): number {
  switch (rule.name) {
    case 'mean':
      return 0;
    case 'median':
      return Math.floor((inputs - 1) / 2);
    case 'trimmedMean':
      return Math.min(Math.floor((inputs * rule.trimBasisPoints) / 10_000), Math.floor((inputs - 1) / 2));
  }
}
