/** Addresses as others write them: in any case, and read as EIP-55 has them, as the chain's events do. */
import { getAddress } from 'ethers';
import { z } from 'zod/v4';

/** `text`: 0x and 40 hex digits. Its case says nothing, not even where it is a wrong checksum. */
export function normalizeAddress(text: string): string {
  return getAddress(text.toLowerCase());
}

export const addressSchema = z
  .string()
  // without `abort`, what is no address would be transformed too
  .regex(/^0x[0-9a-fA-F]{40}$/, { error: 'an address: 0x and 40 hex digits', abort: true })
  .transform(normalizeAddress);

/** Whatever their case. */
export function isSameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
