/** What the command and its workers tell each other. Tests are numbered in the order in which mocha loads them. */

export type Request =
  | { kind: 'record'; tests: number[] }
  | { kind: 'run'; mutant: number; tests: number[] }
  | { kind: 'solidity'; mutant: number; files: string[] };

export interface Recorded {
  test: number;
  title: string;
  milliseconds: number;
  passed: boolean;
  /** Mutants whose place it reaches. */
  reached: number[];
}

/** `bytes`: what the worker holds of the machine's memory. */
export type Reply = { bytes?: number } & (
  | { kind: 'ready'; tests: { file: string }[] }
  | { kind: 'recorded'; tests: Recorded[] }
  /** `killer` is undefined where a hook failed. */
  | { kind: 'ran'; failed: boolean; killer?: number }
);
