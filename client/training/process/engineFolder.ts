/** Where an engine and its program hand tensors to each other: a folder of their own. */
import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TributaryError } from '../../core/errors.ts';

export interface EngineFolder {
  path: string;
  /** Answers the absolute path. Errors: DISK_FULL, FOLDER_NOT_WRITABLE (retryable). */
  write(file: string, bytes: Uint8Array): Promise<string>;
  /** Where the program may write. */
  pathOf(file: string): string;
  /** Undefined where there is none. */
  read(file: string): Promise<Uint8Array | undefined>;
  remove(file: string): Promise<void>;
  close(): Promise<void>;
}

/** A fresh one within `parent`, so that several engines never meet; the system's temporary folder where none is named. Errors: FOLDER_NOT_WRITABLE. */
export async function openEngineFolder(parent = tmpdir()): Promise<EngineFolder> {
  const path = await writing(parent, async () => {
    await mkdir(parent, { recursive: true });
    return mkdtempSync(join(parent, 'tributary-engine-'));
  });
  const pathOf = (file: string) => join(path, file);
  return {
    path,
    pathOf,
    write: (file, bytes) =>
      writing(path, async () => {
        await writeFile(pathOf(file), bytes);
        return pathOf(file);
      }),
    read: async (file) => await readFile(pathOf(file)).catch(() => undefined),
    remove: (file) => rm(pathOf(file), { force: true }),
    close: () => rm(path, { recursive: true, force: true }),
  };
}

async function writing<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code } = cause as { code?: string };
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const message = isFull
      ? `The disk is full: ${folder}, where tensors are handed to the engine, takes no more.`
      : `${folder}, where tensors are handed to the engine, cannot be written (${code}).`;
    throw new TributaryError(isFull ? 'DISK_FULL' : 'FOLDER_NOT_WRITABLE', message, { cause, retryable: true });
  }
}
