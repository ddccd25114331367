/**
 * Updates that have been submitted but must not be read yet. They are on disk before they are on chain, and move to the
 * store, which serves them, when the round takes no more submissions: so nobody can copy an update in time.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../storage/durable.ts';

const updateName = /^\d+\.update$/;

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
  for (const name of await readdir(folder)) if (!updateName.test(name)) await rm(join(folder, name), { force: true });
  return {
    write: (round, bytes) => writeDurably([{ path: pathOf(round), bytes }], folder),
    async rounds() {
      const names = await readdir(folder);
      return names.filter((name) => updateName.test(name)).map((name) => Number.parseInt(name, 10));
    },
    read: (round) => readFile(pathOf(round)),
    remove: (round) => rm(pathOf(round), { force: true }),
  };
}
