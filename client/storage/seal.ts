/**
 * The check of every file that a process keeps: behind its bytes stands a line with their SHA-256. A file that was cut, emptied or
 * changed in any byte does not open. `head -c -73 <file> | sha256sum` computes the same.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes, toHex } from '../core/hash.ts';

/** A line feed, `sha256 `, 64 hexadecimal digits in lower case, a line feed. */
const sealBytes = 73;

export function seal(bytes: Uint8Array): Uint8Array {
  return concatBytes(bytes, sealOf(bytes));
}

/** The bytes before the seal; undefined where there is no seal, or another's. */
export function unseal(file: Uint8Array): Uint8Array | undefined {
  if (file.length < sealBytes) return undefined;
  const bytes = file.subarray(0, file.length - sealBytes);
  return equalBytes(file.subarray(bytes.length), sealOf(bytes)) ? bytes : undefined;
}

function sealOf(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(`\nsha256 ${toHex(sha256(bytes)).slice(2)}\n`);
}
