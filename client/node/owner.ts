/**
 * `process.json` of a data folder: the format of what is in it, and which process uses it. It is plain JSON with its checksum within, so that
 * every version of this program can read the format.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod/v4';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { diskFailureCode, explainReadFailure } from '../storage/diskFailure.ts';
import { writeWhole } from '../storage/wholeFile.ts';

/** Of what a process keeps there; another one when its files mean something else. In format 1 no file had a checksum. */
export const folderFormat = 2;

const ownerSchema = z.object({
  format: z.int().min(1).default(1),
  pid: z.int().min(1).optional(),
  host: z.string().optional(),
  /** Address of the key. */
  account: z.string().optional(),
});

export type Owner = z.infer<typeof ownerSchema>;

export function ownerFileOf(folder: string): string {
  return join(folder, 'process.json');
}

/** `undefined` where there is none, `damaged` where what is there is not what was written. Errors: FILE_UNREADABLE (retryable). */
export function readOwner(folder: string): Owner | 'damaged' | undefined {
  const path = ownerFileOf(folder);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (diskFailureCode(error) === 'ENOENT') return undefined;
    if (diskFailureCode(error) === 'EISDIR') return 'damaged';
    throw explainReadFailure(error, path);
  }
  return parseOwner(text) ?? 'damaged';
}

/** Undefined where it is not as it was written. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const { sha256: checksum, ...document } = JSON.parse(text) as Record<string, unknown>;
    const owner = ownerSchema.parse(document);
    // another format may have another check
    const isUnchecked = checksum === undefined && owner.format !== folderFormat;
    return isUnchecked || checksum === checksumOf(document) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Errors: FOLDER_OTHER_VERSION. */
export function requireFormat(folder: string, { format: found }: Owner): void {
  if (found <= folderFormat) return;
  throw new TributaryError(
    'FOLDER_OTHER_VERSION',
    `The data folder ${folder} was written by another version of Tributary (its format is ${found}, this version's ${folderFormat}): run that version, or choose another folder with --data.`,
    { args: { folder, format: found } },
  );
}

/** Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export function writeOwner(folder: string, format: number, account: string | undefined): void {
  const document = { format, pid: process.pid, host: hostname(), ...(account !== undefined && { account }) };
  // format 1 has none
  const check = format === 1 ? {} : { sha256: checksumOf(document) };
  writeWhole(ownerFileOf(folder), JSON.stringify({ ...document, ...check }));
}

function checksumOf(document: object): string {
  return toHex(sha256(new TextEncoder().encode(JSON.stringify(document))));
}

/** True only where it is known: a process of this host that does not run. */
export function ownerIsGone({ pid, host }: Owner): boolean {
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH';
  }
}
