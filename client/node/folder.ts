/** A process's data folder, used by one process at a time. */
import { accessSync, constants, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { checkSync, lockSync } from 'proper-lockfile';
import { TributaryError } from '../core/errors.ts';
import { explainWriteFailure, obstacleOf } from '../storage/diskFailure.ts';
import { isTemporary } from '../storage/durable.ts';
import type { Damage } from '../storage/keptFiles.ts';
import { guessFormat, sealFolder } from './migrate.ts';
import { folderFormat, type Owner, ownerFileOf, ownerIsGone, readOwner, requireFormat, writeOwner } from './owner.ts';

export interface LockedFolder {
  /** Its one name, absolute and without symbolic links: whoever keeps something in the folder goes by it, and by no other. */
  path: string;
  /** Takes the lock again where it was lost, as by a disk that was away. Errors: FOLDER_IN_USE. */
  hold(): void;
  release(): void;
}

export interface FolderOptions {
  /** Address of the key of who uses it. */
  account?: string | undefined;
  onDamaged?: (damage: Damage) => void;
}

/** A lock without a sign of life for so long is stale, where it cannot be seen that its process is gone. */
const staleMs = 10_000;
const pauseMs = 500;
/** Locked by this process. */
const heldHere = new Set<string>();

/**
 * `name` is as the person wrote it. What an older version has written there is made readable for this one.
 * Errors: FOLDER_NOT_WRITABLE, FOLDER_OTHER_VERSION, FOLDER_IN_USE, DISK_FULL (retryable), FILE_UNREADABLE (retryable).
 */
export function openFolder(name: string, { account, onDamaged = () => undefined }: FolderOptions = {}): LockedFolder {
  const folder = resolveFolder(name);
  const owner = readOwner(folder);
  if (owner !== undefined && owner !== 'damaged') requireFormat(folder, owner);
  const locked = holdLock(folder, owner);
  try {
    removeTemporary(folder);
    if (formatOf(folder, owner) < folderFormat) {
      // whoever looks meanwhile finds who is at it
      writeOwner(folder, 1, account);
      sealFolder(folder);
    }
    writeOwner(folder, folderFormat, account);
  } catch (cause) {
    locked.release();
    throw explainFolderFailure(folder, cause);
  }
  if (owner === 'damaged')
    onDamaged({ file: ownerFileOf(folder), problem: 'it is not as it was written', keptAs: null });
  return { path: folder, ...locked };
}

/** Errors: FILE_UNREADABLE. */
export function formatOf(folder: string, owner: Owner | 'damaged' | undefined): number {
  return owner === undefined || owner === 'damaged' ? guessFormat(folder) : owner.format;
}

/** Whether another process uses the folder. A `process.json` that is damaged does not say whose the lock is. */
export function isInUse(folder: string): boolean {
  const owner = readOwner(folder);
  if (owner !== undefined && owner !== 'damaged' && isGone(folder, owner)) return false;
  return checkSync(folder, { stale: staleMs });
}

function holdLock(folder: string, owner: Owner | 'damaged' | undefined): Pick<LockedFolder, 'hold' | 'release'> {
  let release: (() => void) | undefined;
  function take(): void {
    release = lockSync(folder, {
      stale: staleMs,
      update: 2_000,
      // by a disk or a machine that was away; `hold` tells whether another process has it now
      onCompromised: () => {
        release = undefined;
      },
    });
  }
  try {
    if (owner === 'damaged') takeWhenStale(take);
    else {
      if (owner !== undefined && isGone(folder, owner)) rmSync(`${folder}.lock`, { recursive: true, force: true });
      take();
    }
  } catch (cause) {
    throw explainLockFailure(folder, cause, owner);
  }
  // proper-lockfile ends the process by this signal unless somebody else listens: a write beyond `ulimit -f` is to fail instead
  if (heldHere.size === 0) process.on('SIGXFSZ', ignore);
  heldHere.add(folder);
  return {
    hold() {
      if (release !== undefined) return;
      try {
        take();
      } catch (cause) {
        if ((cause as { code?: string }).code === 'ELOCKED') throw explainLockFailure(folder, cause, undefined);
      }
    },
    release() {
      heldHere.delete(folder);
      if (heldHere.size === 0) process.off('SIGXFSZ', ignore);
      try {
        release?.();
      } catch {
        // it was lost already
      }
      release = undefined;
    },
  };
}

function ignore(): void {}

/** Whoever runs renews its lock meanwhile. */
function takeWhenStale(take: () => void): void {
  const untilMs = Date.now() + staleMs + 2 * pauseMs;
  for (;;) {
    try {
      take();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ELOCKED' || Date.now() > untilMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}

/** A process that was killed leaves its lock behind; in a container the next one may have its number. */
function isGone(folder: string, owner: Owner): boolean {
  return ownerIsGone(owner) || (owner.pid === process.pid && owner.host === hostname() && !heldHere.has(folder));
}

function explainLockFailure(folder: string, cause: unknown, owner: Owner | 'damaged' | undefined): unknown {
  if ((cause as { code?: string }).code !== 'ELOCKED') return explainFolderFailure(folder, cause);
  const unknown = owner === 'damaged' ? `; ${ownerFileOf(folder)} is damaged and does not say which` : '';
  const message = `The data folder ${folder} is in use by another process${unknown}: stop that one, or choose another folder with --data.`;
  return new TributaryError('FOLDER_IN_USE', message, { cause, args: { folder } });
}

/** What a process that died was writing. */
function removeTemporary(folder: string): void {
  for (const name of readdirSync(folder)) if (isTemporary(name)) rmSync(join(folder, name), { recursive: true });
}

/** Made where it is missing. Errors: FOLDER_NOT_WRITABLE, DISK_FULL (retryable). */
function resolveFolder(name: string): string {
  try {
    mkdirSync(name, { recursive: true });
    accessSync(name, constants.W_OK);
    return realpathSync(name);
  } catch (cause) {
    const failure = explainFolderFailure(name, cause);
    if (!(failure instanceof TributaryError) || failure.code === 'DISK_FULL') throw failure;
    // who has just named it is to hear so at once
    throw new TributaryError(failure.code, failure.message, { cause, args: failure.args });
  }
}

/** The lock stands beside the folder. */
function explainFolderFailure(folder: string, failure: unknown): unknown {
  const explained = explainWriteFailure(failure, folder);
  if (explained instanceof TributaryError && explained.code !== 'FOLDER_NOT_WRITABLE') return explained;
  const { retryable = false, cause = failure } = explained instanceof TributaryError ? explained : {};
  const { code } = cause as { code?: string };
  const remedy = code === 'EISDIR' ? `move ${obstacleOf(cause)} elsewhere, or ` : '';
  const message = `The data folder ${folder}, or the one that it is in, cannot be written (${code}): ${remedy}choose another with --data.`;
  return new TributaryError('FOLDER_NOT_WRITABLE', message, { cause, retryable, args: { folder } });
}
