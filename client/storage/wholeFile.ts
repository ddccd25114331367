/** One file that is written whole: aside, fsync, rename, fsync of the folder. For what a command writes, and before anything else runs. */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explainWriteFailure } from './diskFailure.ts';

export interface WholeFileOptions {
  /** Permissions; those that the system gives where none are named. */
  mode?: number;
  /** What is there already stays. Errors then: FOLDER_NOT_WRITABLE. */
  exclusive?: boolean;
}

/** Makes the folder where it is missing. Whole and durable when it returns, or as before. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export function writeWhole(path: string, bytes: Uint8Array | string, options: WholeFileOptions = {}): void {
  const folder = dirname(path);
  const aside = join(folder, randomUUID());
  try {
    mkdirSync(folder, { recursive: true });
    withFile(aside, 'wx', options.mode, (file) => writeFileSync(file, bytes));
    if (options.exclusive) linkSync(aside, path);
    else renameSync(aside, path);
    if (options.exclusive) rmSync(aside);
    withFile(folder, 'r', undefined, () => undefined);
  } catch (error) {
    discard(aside);
    throw explainWriteFailure(error, folder);
  }
}

/** What hindered the writing may hinder this too. */
function discard(aside: string): void {
  try {
    rmSync(aside, { force: true });
  } catch {
    // it was never there, or is left over
  }
}

function withFile(path: string, flags: string, mode: number | undefined, act: (file: number) => void): void {
  const file = openSync(path, flags, mode);
  try {
    act(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
