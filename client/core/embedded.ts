/** Bytes that a generated module carries as base64, so that nothing needs a file system. */
import { fromBase64 } from './base64.ts';
import { TributaryError } from './errors.ts';
import { keccak256, toHex } from './hash.ts';

export interface Embedded {
  readonly base64: string;
  /** keccak256 of the bytes, `0x…`. */
  readonly hash: string;
}

/** Errors: PACKAGE_DAMAGED where the bytes are not those that were written; `what` begins the sentence. */
export function decodeEmbedded(what: string, { base64, hash }: Embedded): Uint8Array<ArrayBuffer> {
  const bytes = tryDecode(base64);
  if (bytes !== undefined && toHex(keccak256(bytes)) === hash) return bytes;
  throw new TributaryError(
    'PACKAGE_DAMAGED',
    `${what} is damaged in this copy of Tributary: install it again, or, in a checkout, restore the file with git.`,
  );
}

function tryDecode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return fromBase64(base64);
  } catch {
    return undefined;
  }
}
