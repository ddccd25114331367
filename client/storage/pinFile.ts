/** The file of a pin: who it is pinned for, sealed. */
import { readFile } from 'node:fs/promises';
import { diskFailureCode } from './diskFailure.ts';
import { seal, unseal } from './seal.ts';

/** Where `problem` says what is wrong with it, whose pin it is is not known. */
export interface ReadPin {
  owner?: string;
  problem?: string;
}

export function writtenPin(owner: string): Uint8Array {
  return seal(new TextEncoder().encode(owner));
}

export async function readPin(path: string): Promise<ReadPin> {
  try {
    const file = await readFile(path);
    const bytes = unseal(file);
    if (bytes === undefined) return { problem: `its ${file.length} bytes do not end in their checksum` };
    return { owner: new TextDecoder().decode(bytes) };
  } catch (error) {
    const code = diskFailureCode(error);
    if (code === undefined) throw error;
    return { problem: code === 'EISDIR' ? 'it is a folder' : `it cannot be read (${code})` };
  }
}
