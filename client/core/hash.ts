/** Keccak-256, the EVM's hash (not NIST SHA3-256: the padding differs). */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { validateArgument } from './errors.ts';

/** 32 bytes. */
export type Hash = Uint8Array;

/** Keccak-256, 32 bytes. */
export function keccak256(bytes: Uint8Array): Hash {
  return keccak_256(bytes);
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `0x…`, lower case. */
export function toHex(bytes: Uint8Array): string {
  let hex = '0x';
  for (const byte of bytes) hex += hexDigits[byte];
  return hex;
}

/** With or without `0x`. Errors: ARGUMENT_INVALID for what is not whole hexadecimal bytes. */
export function fromHex(hex: string): Uint8Array {
  const digits = hex.replace(/^0x/, '');
  validateArgument(/^([0-9a-f]{2})*$/i.test(digits), `"${hex}" is not hexadecimal: write two digits a byte.`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** Same length, same bytes. Not in constant time: nothing that is compared is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
