import { expect } from 'chai';
import { type ErrorCode, TributaryError } from '../../client/core/errors.ts';

export function expectCode(act: () => unknown, code: ErrorCode, sentence: RegExp): void {
  let error: unknown;
  try {
    act();
  } catch (caught) {
    error = caught;
  }
  expectError(error, code, sentence);
}

export async function expectRejection(promise: Promise<unknown>, code: ErrorCode, sentence: RegExp): Promise<void> {
  expectError(await promise.then(() => undefined).catch((error: unknown) => error), code, sentence);
}

function expectError(error: unknown, code: ErrorCode, sentence: RegExp): void {
  expect(error, 'an error').to.be.instanceOf(TributaryError);
  expect((error as TributaryError).message).to.match(sentence);
  expect((error as TributaryError).code).to.equal(code);
}
