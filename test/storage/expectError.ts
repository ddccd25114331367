import { expect } from 'chai';
import { type ErrorCode, TributaryError } from '../../client/core/errors.ts';

/** The error, which must be a TributaryError of this code. */
export async function expectError(task: () => unknown, code: ErrorCode): Promise<TributaryError> {
  let failure: unknown;
  try {
    await task();
  } catch (error) {
    failure = error;
  }
  expect(failure, `nothing was thrown instead of ${code}`).to.be.instanceOf(TributaryError);
  const error = failure as TributaryError;
  expect(error.code, error.message).to.equal(code);
  return error;
}
