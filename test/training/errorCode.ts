import { TributaryError } from '../../client/core/errors.ts';

/** The code that the action fails with, or undefined where it succeeds. Anything but a TributaryError is thrown on. */
export async function errorCodeOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof TributaryError) return error.code;
    throw error;
  }
}
