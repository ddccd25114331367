/** Files that are whole and on the disk, or not there: write aside, fsync, rename, fsync the folders. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TributaryError } from '../core/errors.ts';
import { forEachBounded } from './bounded.ts';
import type { KeptFiles } from './keptFiles.ts';

export interface NewFile {
  path: string;
  bytes: Uint8Array;
}

const filesAtOnce = 8;
/** As `randomUUID` gives them. */
const asideName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * All of the files or, where one cannot be written, none. They are renamed in the given order.
 * `asideFolder` is on the same file system. Errors: DISK_FULL, FOLDER_NOT_WRITABLE.
 */
export async function writeDurably(files: readonly NewFile[], asideFolder: string): Promise<void> {
  const aside = files.map(() => join(asideFolder, randomUUID()));
  const changedFolders = new Set<string>();
  try {
    await forEachBounded(files, filesAtOnce, async ({ bytes }, index) => {
      const handle = await open(aside[index]!, 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
    for (const [index, { path }] of files.entries()) {
      const folder = dirname(path);
      if ((await mkdir(folder, { recursive: true })) !== undefined) changedFolders.add(dirname(folder));
      await rename(aside[index]!, path);
      changedFolders.add(folder);
    }
    await forEachBounded([...changedFolders], filesAtOnce, syncFolder);
  } catch (error) {
    await forEachBounded(aside, filesAtOnce, (path) => rm(path, { force: true }));
    throw explainWriteFailure(error, asideFolder);
  }
}

/** Errors: FOLDER_NOT_WRITABLE. What a process that died was writing is removed. */
export async function openKeptFiles(folder: string): Promise<KeptFiles> {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) if (asideName.test(name)) await rm(join(folder, name));
  } catch (error) {
    throw explainWriteFailure(error, folder);
  }
  return {
    async read(name) {
      try {
        return await readFile(join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: (name, bytes) => writeDurably([{ path: join(folder, name), bytes }], folder),
    remove: (name) => rm(join(folder, name), { force: true }),
    names: async () => (await readdir(folder)).filter((name) => !asideName.test(name)),
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** ENOSPC, EDQUOT and EFBIG are DISK_FULL; a folder that cannot be written is FOLDER_NOT_WRITABLE. */
export function explainWriteFailure(cause: unknown, folder: string): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
    const message = `There is no room left to write in ${folder} (${code}): free some space or unpin blobs, and start again.`;
    return new TributaryError('DISK_FULL', message, { cause });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR'].includes(code)) {
    const message = `The folder ${folder} cannot be written (${code}): choose another or change its permissions.`;
    return new TributaryError('FOLDER_NOT_WRITABLE', message, { cause });
  }
  return cause;
}
