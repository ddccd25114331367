/** A process's data folder, used by one process at a time. */
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lockSync } from 'proper-lockfile';
import { TributaryError } from '../core/errors.ts';

/** Errors: FOLDER_NOT_WRITABLE, FOLDER_IN_USE. Returns what releases it. */
export function lockFolder(folder: string): () => void {
  const ownerFile = join(folder, 'process.json');
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new TributaryError(
      'FOLDER_NOT_WRITABLE',
      `The data folder ${folder} cannot be written: choose another with --data.`,
      { cause, args: { folder } },
    );
  }
  if (ownerIsGone(ownerFile)) rmSync(`${folder}.lock`, { recursive: true, force: true });
  try {
    // on another host, a lock without a sign of life for ten seconds is stale
    const release = lockSync(folder, { stale: 10_000, update: 2_000 });
    writeFileSync(ownerFile, JSON.stringify({ pid: process.pid, host: hostname() }));
    return release;
  } catch (cause) {
    throw new TributaryError(
      'FOLDER_IN_USE',
      `The data folder ${folder} is in use by another process: stop that one, or choose another folder with --data.`,
      { cause, args: { folder } },
    );
  }
}

/** A process that was killed leaves its lock behind; on its own host it can be seen that it is gone. */
function ownerIsGone(ownerFile: string): boolean {
  try {
    const { pid, host } = JSON.parse(readFileSync(ownerFile, 'utf8')) as { pid: number; host: string };
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH';
  }
}
