import { expect } from 'chai';
import { type ErrorCode, TributaryError } from '../../../client/core/errors.ts';

/** The work must fail with this code and a message of one sentence that matches. */
export async function expectRejection(work: () => unknown, code: ErrorCode, message: RegExp): Promise<void> {
  let failure: unknown;
  try {
    await work();
  } catch (error) {
    failure = error;
  }
  expect(failure).to.be.instanceOf(TributaryError);
  expect((failure as TributaryError).code).to.equal(code);
  expect((failure as TributaryError).message).to.match(message);
}
