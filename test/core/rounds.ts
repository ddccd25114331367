/** Rounds made up for tests. */
import fc from 'fast-check';
import type { VerifiedUpdate } from '../../client/core/columns.ts';
import { type ErrorCode, TributaryError } from '../../client/core/errors.ts';
import { prepareUpdate } from '../../client/core/verify.ts';

const requestedRuns = Number(process.env.TRIBUTARY_FUZZ_RUNS ?? 0);

/** Runs of a property: `runs`, or TRIBUTARY_FUZZ_RUNS where that is more. */
export function fuzzRuns(runs: number): { numRuns: number } {
  return { numRuns: Math.max(runs, requestedRuns) };
}

/** Milliseconds a property may take: as long as it likes where TRIBUTARY_FUZZ_RUNS asks for more runs. */
export const fuzzTimeout = requestedRuns > 0 ? 0 : 20_000;

export function addressOf(index: number): string {
  return `0x${(index + 1).toString(16).padStart(40, '0')}`;
}

/** One update a row of `values`, from the trainers 0, 1, 2, …, each of weight 1 unless given. */
export function updatesOf(values: readonly (readonly number[])[], weights: readonly number[] = []): VerifiedUpdate[] {
  return values.map((row, index) => prepareUpdate(addressOf(index), weights[index] ?? 1, Int16Array.from(row)));
}

const int16 = fc.oneof(
  fc.integer({ min: -32_768, max: 32_767 }),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(-32_768, 32_767),
);
const weight = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom(1, 65_535));
const int32 = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(-(2 ** 31), 0, 2 ** 31 - 1));

export interface Round {
  model: Int32Array;
  values: number[][];
  weights: number[];
}

/** Ties, saturation, the largest weights, and sizes that are no multiple of a chunk are all likely. */
export function arbitraryRound(maxUpdates = 36, maxDimension = 140): fc.Arbitrary<Round> {
  return fc
    .record({ updates: fc.integer({ min: 1, max: maxUpdates }), dimension: fc.integer({ min: 1, max: maxDimension }) })
    .chain(({ updates, dimension }) =>
      fc.record({
        model: fc.array(int32, { minLength: dimension, maxLength: dimension }).map((row) => Int32Array.from(row)),
        values: fc.array(fc.array(int16, { minLength: dimension, maxLength: dimension }), {
          minLength: updates,
          maxLength: updates,
        }),
        weights: fc.array(weight, { minLength: updates, maxLength: updates }),
      }),
    );
}

/** The code of the TributaryError that `run` throws. */
export function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof TributaryError) return error.code;
    throw error;
  }
  return undefined;
}
