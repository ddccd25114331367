/** Where a person has told a command to write: looked at before anything is done. What is written there goes through `writeWhole`. */
import { mkdirSync, statSync } from 'node:fs';
import { TributaryError } from '../core/errors.ts';
import { explainWriteFailure } from '../storage/diskFailure.ts';

/** Makes the folder where it is missing. Errors: FOLDER_NOT_WRITABLE, DISK_FULL. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw explainWriteFailure(cause, folder);
  }
}

/** Before anything costs gas. `option` is where it was named. Errors: CONFIG_INVALID. */
export function requireNoFolder(path: string, option: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new TributaryError('CONFIG_INVALID', `${option}: ${path} is a folder: name the file to write.`, {
    args: { field: option },
  });
}
