/** Files that are whole and on the disk, or not there: write aside, fsync, rename, fsync the folders. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { forEachBounded } from './bounded.ts';
import { diskFailureCode, explainReadFailure, explainWriteFailure } from './diskFailure.ts';
import type { Damage, KeptFiles } from './keptFiles.ts';
import { seal, unseal } from './seal.ts';

export interface NewFile {
  path: string;
  bytes: Uint8Array;
}

const filesAtOnce = 8;
/** As `randomUUID` gives them. */
const asideName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const damagedName = /\.damaged(-\d+)?$/;

/** A file that a process was writing. */
export function isTemporary(name: string): boolean {
  return asideName.test(name);
}

/** A file that was set aside, or what is in a folder that was. */
export function isSetAside(path: string): boolean {
  return path.split(/[/\\]/).some((name) => damagedName.test(name));
}

/**
 * All of the files or, where one cannot be written, none. They are renamed in the given order; a folder in the place of one is set aside.
 * `asideFolder` is on the same file system. Errors: DISK_FULL, FOLDER_NOT_WRITABLE.
 */
export async function writeDurably(files: readonly NewFile[], asideFolder: string): Promise<void> {
  const aside = files.map(() => join(asideFolder, randomUUID()));
  const changedFolders = new Set<string>();
  try {
    await mkdir(asideFolder, { recursive: true });
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
      await moveInto(aside[index]!, path);
      changedFolders.add(folder);
    }
    await forEachBounded([...changedFolders], filesAtOnce, syncFolder);
  } catch (error) {
    await forEachBounded(aside, filesAtOnce, (path) => rm(path, { force: true }).catch(() => undefined));
    throw explainWriteFailure(error, asideFolder);
  }
}

async function moveInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes(diskFailureCode(error) ?? '')) throw error;
    await moveAside(to);
    await rename(from, to);
  }
}

/** Answers the new name. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function moveAside(path: string): Promise<string> {
  try {
    for (let number = 1; ; number++) {
      const aside = `${path}.damaged${number === 1 ? '' : `-${number}`}`;
      if ((await lstat(aside).catch(() => undefined)) !== undefined) continue;
      await rename(path, aside);
      await syncFolder(dirname(path));
      return aside;
    }
  } catch (error) {
    throw explainWriteFailure(error, dirname(path));
  }
}

/** What becomes of files that are not whole. */
export interface KeptFilesOptions {
  /** Hears of each file that is not whole. */
  onDamaged?: ((damage: Damage) => void) | undefined;
  /** What is damaged can be had again, and is removed. */
  replaceable?: boolean | undefined;
}

/** Each file is sealed, see seal.ts. What a process that died was writing is removed. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function openKeptFiles(folder: string, options: KeptFilesOptions = {}): Promise<KeptFiles> {
  const { onDamaged = () => undefined, replaceable = false } = options;
  try {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) if (isTemporary(name)) await rm(join(folder, name), { recursive: true });
  } catch (error) {
    throw explainWriteFailure(error, folder);
  }

  async function list(): Promise<string[]> {
    return await readdir(folder).catch((error: unknown) => {
      throw explainReadFailure(error, folder);
    });
  }

  async function setAside(name: string, problem: string, mayRemove = replaceable): Promise<void> {
    const file = join(folder, name);
    if (mayRemove) await remove(name);
    onDamaged({ file, problem, keptAs: mayRemove ? null : await moveAside(file) });
  }

  async function remove(name: string): Promise<void> {
    await rm(join(folder, name), { force: true }).catch((error: unknown) => {
      // it is none of ours
      if (diskFailureCode(error) === 'EISDIR' || (error as { code?: string }).code === 'ERR_FS_EISDIR') return;
      throw explainWriteFailure(error, folder);
    });
  }

  return {
    async read(name) {
      const path = join(folder, name);
      let file: Uint8Array;
      try {
        file = await readFile(path);
      } catch (error) {
        if (diskFailureCode(error) === 'ENOENT') return undefined;
        if (diskFailureCode(error) !== 'EISDIR') throw explainReadFailure(error, path);
        await setAside(name, 'it is a folder', false);
        return undefined;
      }
      const bytes = unseal(file);
      if (bytes === undefined) await setAside(name, `its ${file.length} bytes do not end in their checksum`);
      return bytes;
    },
    write: (name, bytes) => writeDurably([{ path: join(folder, name), bytes: seal(bytes) }], folder),
    remove,
    names: async () => (await list()).filter((name) => !isTemporary(name) && !isSetAside(name)),
    setAside: (name, problem) => setAside(name, problem),
    wasSetAside: async (name) =>
      (await list()).some((other) => isSetAside(other) && other.startsWith(`${name}.damaged`)),
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
