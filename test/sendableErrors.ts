/**
 * Required by mocha: in parallel its workers send it what failed as JSON, which has no bigints, and a failure that cannot be sent is
 * shown as "Do not know how to serialize a BigInt". They are sent as text. Only errors are changed: a `BigInt.prototype.toJSON` would
 * hide from the tests where the code under test makes JSON of a bigint.
 */
import { inspect } from 'node:util';
import Mocha from 'mocha';

interface Failing {
  fail(test: unknown, error: unknown, force?: boolean): void;
}

const runner = Mocha.Runner.prototype as unknown as Failing;
const { fail } = runner;
const seen = new WeakSet<Error>();

runner.fail = function (test, error, force) {
  if (error instanceof Error) makeSendable(error);
  fail.call(this, test, error, force);
};

function makeSendable(error: Error): void {
  if (seen.has(error)) return;
  seen.add(error);
  const fields = error as unknown as Record<string, unknown>;
  // the cause is none of those that are enumerated
  for (const key of new Set([...Object.keys(fields), 'cause'])) {
    const value = fields[key];
    if (value instanceof Error) makeSendable(value);
    else if (!isSendable(value)) fields[key] = sendable(value);
  }
}

function isSendable(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

function sendable(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)));
  } catch {
    // it holds itself
    return inspect(value);
  }
}
