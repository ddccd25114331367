/** What people write on the command line, as the contracts take it. Errors everywhere: CONFIG_INVALID, naming the argument. */
import { getAddress, isAddress, ZeroHash } from 'ethers';
import { CID } from 'multiformats/cid';
import { digestOfCid } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';

/** Exactly the arguments that are named. */
export function several<N extends readonly string[]>(
  args: readonly string[],
  names: readonly [...N],
): { [K in keyof N]: string } {
  if (args.length === names.length) return [...args] as { [K in keyof N]: string };
  const wanted = names.length === 0 ? 'nothing' : names.map((name) => `<${name}>`).join(' ');
  throw new TributaryError('CONFIG_INVALID', `What follows must be ${wanted}, not "${args.join(' ')}".`, {
    args: { field: 'arguments' },
  });
}

export function one(args: readonly string[], name: string): string {
  return several(args, [name])[0];
}

/** A name and a value, as often as one likes. */
export function pairs(args: readonly string[]): [name: string, value: string][] {
  if (args.length === 0 || args.length % 2 !== 0) several(args, ['name', 'value']);
  return Array.from({ length: args.length / 2 }, (_, index) => [args[2 * index]!, args[2 * index + 1]!]);
}

export function parseAddress(text: string): string {
  if (isAddress(text)) return getAddress(text);
  throw wrong('address', text, 'write it as 0x and 40 hex digits');
}

/** The digest of a CID; zero for `none`. */
export function parseDigest(text: string): string {
  if (text === 'none') return ZeroHash;
  try {
    return toHex(digestOfCid(CID.parse(text)));
  } catch {
    throw wrong('CID', text, 'write a CIDv1 with sha2-256, as `ipfs add --cid-version 1` prints it, or none');
  }
}

export function wrong(field: string, text: string, advice: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `${field}: "${text}" is not valid: ${advice}.`, { args: { field } });
}
