/** What was read of a source and what was not: a bad row or a damaged picture costs itself, is counted and named. */
import { TributaryError } from '../../core/errors.ts';

/** Samples that were left out for one reason. */
export interface Skipped {
  /** For example `"age" is above 120`; of one kind whatever the value. */
  reason: string;
  count: number;
  /** The first ten: a row and its cell, or a file. */
  first: readonly string[];
}

/** How the values of a column lie, beside what the task allows. */
export interface ColumnReport {
  name: string;
  unit?: string | undefined;
  lowest: number;
  highest: number;
  mean: number;
  standardDeviation?: number | undefined;
  missing: number;
  allowed?: readonly [number, number] | undefined;
  /** The task's own constants. */
  taskMean?: number | undefined;
  taskStandardDeviation?: number | undefined;
}

/** What was read of a source, what was left out and why, and what a person should know. */
export interface DataReport {
  source: string;
  /** Samples in the source, and those that are used of them. */
  read: number;
  used: number;
  skipped: readonly Skipped[];
  /** Samples of each class by its name; none where no class is predicted. */
  classes: Readonly<Record<string, number>>;
  columns: readonly ColumnReport[];
  /** What a person should know and nothing depends on: classes that are missing here, columns in another order, what looks like other units. */
  remarks: readonly string[];
}

const namedOfEachReason = 10;

/** Counts what is left out. */
export interface Skips {
  skip(reason: string, where: string): void;
  remark(sentence: string): void;
  readonly skipped: readonly Skipped[];
  readonly remarks: readonly string[];
  /** Samples left out so far. */
  readonly count: number;
}

export function createSkips(): Skips {
  const reasons = new Map<string, { count: number; first: string[] }>();
  const remarks: string[] = [];
  let count = 0;
  return {
    skip(reason, where) {
      const of = reasons.get(reason) ?? { count: 0, first: [] };
      reasons.set(reason, of);
      of.count++;
      count++;
      if (of.first.length < namedOfEachReason) of.first.push(where);
    },
    remark: (sentence) => void remarks.push(sentence),
    get skipped() {
      return [...reasons].map(([reason, of]) => ({ reason, ...of })).sort((a, b) => b.count - a.count);
    },
    remarks,
    get count() {
      return count;
    },
  };
}

/** Errors: DATA_INVALID where more of the samples read were left out than the task allows, naming the commonest reason. */
export function checkSkippedShare(
  { source, read, used, skipped }: Pick<DataReport, 'source' | 'read' | 'used' | 'skipped'>,
  maxSkippedShare: number,
): void {
  const [worst] = skipped;
  if (worst === undefined || read - used <= maxSkippedShare * read) return;
  throw new TributaryError(
    'DATA_INVALID',
    `${source}: ${read - used} of ${read} samples cannot be used, and the task allows a share of ${maxSkippedShare}: ${worst.reason} in ${worst.count} of them, first ${worst.first[0]}. \`tributary data check\` lists them.`,
    { args: { read, used, reason: worst.reason } },
  );
}
