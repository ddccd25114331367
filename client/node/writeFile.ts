/** Files and folders that a person has named for a command to write. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TributaryError } from '../core/errors.ts';
import { explainWriteFailure } from '../storage/durable.ts';

/** Makes the folder where it is missing. Errors: FOLDER_NOT_WRITABLE, DISK_FULL. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw explainWriteFailure(cause, folder);
  }
}

/** With the folder that it is to stand in. Errors: as `makeFolder`. */
export function writeNewFile(path: string, text: string): void {
  makeFolder(dirname(path));
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw explainWriteFailure(cause, dirname(path));
  }
}

/** Before anything costs gas. `option` is where it was named. Errors: CONFIG_INVALID. */
export function requireNoFolder(path: string, option: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new TributaryError('CONFIG_INVALID', `${option}: ${path} is a folder: name the file to write.`, {
    args: { field: option },
  });
}
