/**
 * Updates that have been submitted but must not be read yet. They are on disk before they are on chain, and move to the
 * store, which serves them, when the round takes no more submissions: so nobody can copy an update in time.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TributaryError } from '../core/errors.ts';

export interface Outbox {
  /** Durable when it answers. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
  write(round: number, bytes: Uint8Array): Promise<void>;
  /** Rounds with an update that is not served yet. */
  rounds(): Promise<number[]>;
  read(round: number): Promise<Uint8Array>;
  remove(round: number): Promise<void>;
}

export async function openOutbox(folder: string): Promise<Outbox> {
  await mkdir(folder, { recursive: true });
  const pathOf = (round: number) => join(folder, `${round}.update`);
  for (const name of await readdir(folder)) if (name.endsWith('.part')) await rm(join(folder, name));
  return {
    async write(round, bytes) {
      const part = `${pathOf(round)}.part`;
      try {
        const file = await open(part, 'w');
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(part, pathOf(round));
      } catch (cause) {
        const full = (cause as { code?: string }).code === 'ENOSPC';
        throw new TributaryError(
          full ? 'DISK_FULL' : 'FOLDER_NOT_WRITABLE',
          `The update of round ${round} cannot be written to ${folder}: ${full ? 'the disk is full, make room' : 'check the permissions'} and start again.`,
          { cause },
        );
      }
    },
    async rounds() {
      const names = await readdir(folder);
      return names.filter((name) => name.endsWith('.update')).map((name) => Number.parseInt(name, 10));
    },
    read: (round) => readFile(pathOf(round)),
    async remove(round) {
      if (existsSync(pathOf(round))) await rm(pathOf(round));
    },
  };
}
