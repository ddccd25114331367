/** What a look through a data folder has found. */

/** What `--repair` does with a file: `remove` what can be had again, `setAside` the rest. */
export type Remedy = 'remove' | 'setAside';

export interface Problem {
  kind: string;
  /** Path; that of the folder where the problem is that something is missing. */
  file: string;
  /** What is wrong with it, as a part of a sentence. */
  problem: string;
  /** What follows, and what to do, as a sentence without its end. */
  means: string;
  /** Undefined where only a person, or the chain, can mend it. */
  remedy?: Remedy;
}

export interface Examination {
  /** Whole files, by kind. */
  good: Record<string, number>;
  problems: Problem[];
  /** What is no problem and worth a line. */
  notes: string[];
}

export function noFindings(): Examination {
  return { good: {}, problems: [], notes: [] };
}

export function countGoodInPlace({ good }: Examination, kind: string): void {
  good[kind] = (good[kind] ?? 0) + 1;
}

export function isRegular(problem: Problem): problem is Problem & { remedy: Remedy } {
  return problem.remedy !== undefined;
}
