/** A process's data folder, used by one process at a time. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { lockSync } from 'proper-lockfile';
import { TributaryError } from '../core/errors.ts';

/** Errors: FOLDER_NOT_WRITABLE, FOLDER_IN_USE. Returns what releases it. */
export function lockFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new TributaryError(
      'FOLDER_NOT_WRITABLE',
      `The data folder ${folder} cannot be written: choose another with --data.`,
      {
        cause,
        args: { folder },
      },
    );
  }
  try {
    // a process that was killed leaves its lock behind: after ten seconds without a sign of life it is stale
    return lockSync(folder, { stale: 10_000, update: 2_000 });
  } catch (cause) {
    throw new TributaryError(
      'FOLDER_IN_USE',
      `The data folder ${folder} is in use by another process (or was a few seconds ago): stop that one, or choose another folder with --data.`,
      { cause, args: { folder } },
    );
  }
}
