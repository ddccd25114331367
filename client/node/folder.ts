/** A process's data folder, used by one process at a time. */
import { accessSync, constants, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lockSync } from 'proper-lockfile';
import { TributaryError } from '../core/errors.ts';

/** Of what a process keeps there; another one when its files mean something else. */
const format = 1;

export interface LockedFolder {
  /** Its one name, absolute and without symbolic links: whoever keeps something in the folder goes by it, and by no other. */
  path: string;
  release(): void;
}

/** `name` is as the person wrote it. Errors: FOLDER_NOT_WRITABLE, FOLDER_OTHER_VERSION, FOLDER_IN_USE. */
export function openFolder(name: string): LockedFolder {
  const folder = resolveFolder(name);
  const ownerFile = join(folder, 'process.json');
  requireFormat(folder, ownerFile);
  let release: (() => void) | undefined;
  try {
    if (ownerIsGone(ownerFile)) rmSync(`${folder}.lock`, { recursive: true, force: true });
    // on another host, a lock without a sign of life for ten seconds is stale
    release = lockSync(folder, { stale: 10_000, update: 2_000 });
    writeFileSync(ownerFile, JSON.stringify({ format, pid: process.pid, host: hostname() }));
    return { path: folder, release };
  } catch (cause) {
    release?.();
    if ((cause as { code?: string }).code !== 'ELOCKED') throw notWritable(folder, cause);
    throw new TributaryError(
      'FOLDER_IN_USE',
      `The data folder ${folder} is in use by another process: stop that one, or choose another folder with --data.`,
      { cause, args: { folder } },
    );
  }
}

/** Errors: FOLDER_OTHER_VERSION. What is no JSON says nothing: a process may have died while it wrote. */
function requireFormat(folder: string, ownerFile: string): void {
  let found: number;
  try {
    ({ format: found = 1 } = JSON.parse(readFileSync(ownerFile, 'utf8')) as { format?: number });
  } catch {
    return;
  }
  if (found === format) return;
  throw new TributaryError(
    'FOLDER_OTHER_VERSION',
    `The data folder ${folder} was written by another version of Tributary (its format is ${found}, this version's ${format}): run that version, or choose another folder with --data.`,
    { args: { folder, format: found } },
  );
}

/** Made where it is missing. Errors: FOLDER_NOT_WRITABLE. */
function resolveFolder(name: string): string {
  try {
    mkdirSync(name, { recursive: true });
    accessSync(name, constants.W_OK);
    return realpathSync(name);
  } catch (cause) {
    throw notWritable(name, cause);
  }
}

/** The lock stands beside the folder. */
function notWritable(folder: string, cause: unknown): TributaryError {
  const { code } = cause as { code?: string };
  const message = `The data folder ${folder}, or the one that it is in, cannot be written (${code}): choose another with --data.`;
  return new TributaryError('FOLDER_NOT_WRITABLE', message, { cause, args: { folder } });
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
