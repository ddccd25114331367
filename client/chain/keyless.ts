/** For processes that only read: nobody's account, which neither signs nor sends. */
import { TributaryError } from '../core/errors.ts';
import type { Sender } from './sender.ts';

/** Its address is the empty text. Errors of all that it is asked: KEY_INVALID. */
export function createKeyless(): Sender {
  const refuse = async () => {
    throw new TributaryError(
      'KEY_INVALID',
      'This process has no key, and only reads: set TRIBUTARY_PRIVATE_KEY, or give --keystore.',
    );
  };
  return { address: '', sign: refuse, signTypedData: refuse, send: refuse };
}
