/** Creation code, with the addresses of its libraries filled in. */
import { decodeEmbedded, type Embedded } from '../core/embedded.ts';
import { validateArgument } from '../core/errors.ts';
import { equalBytes, fromHex, toHex } from '../core/hash.ts';
import { creationCodes } from './creationCode.ts';
import type { ContractName, LibraryName } from './names.ts';

/** Addresses of libraries that contracts call. */
export type Libraries = Partial<Record<LibraryName, string>>;

/** Zeros stand where addresses of libraries go. */
export interface CreationCode extends Embedded {
  /** Where those places begin, in bytes from the start of the code. */
  readonly links: Partial<Record<LibraryName, readonly number[]>>;
  /** The part that is deployed, and the values in it that are filled in then, as [start, length]: all in bytes. */
  readonly deployed: { start: number; length: number; immutables: readonly (readonly number[])[] };
}

/**
 * Whether the code is what a contract of this name has once it is deployed. What is filled in then is left out: immutable values, among
 * them the own address of a library. Errors: as `linkedCode`.
 */
export function isDeployedCode(name: ContractName, code: string, libraries: Libraries = {}): boolean {
  const { start, length, immutables }: CreationCode['deployed'] = creationCodes[name].deployed;
  const expected = fromHex(linkedCode(name, libraries)).subarray(start, start + length);
  const actual = fromHex(code);
  for (const [from, size] of immutables) actual.fill(0, from, from! + size!);
  return equalBytes(actual, expected);
}

/** `0x…`, lower case. Errors: ARGUMENT_INVALID for a library that is not given, PACKAGE_DAMAGED. */
export function linkedCode(name: ContractName, libraries: Libraries = {}): string {
  const creationCode: CreationCode = creationCodes[name];
  const bytes = decodeEmbedded(`The creation code of ${name}`, creationCode);
  for (const [library, places] of Object.entries(creationCode.links) as [LibraryName, readonly number[]][]) {
    const address = libraries[library];
    validateArgument(address !== undefined, `The address of library ${library} is needed.`);
    for (const place of places) bytes.set(fromHex(address), place);
  }
  return toHex(bytes);
}
