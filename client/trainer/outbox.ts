/**
 * Updates that have been submitted but must not be read yet. They are on disk before they are on chain, and move to the
 * store, which serves them, when the round takes no more submissions: so nobody can copy an update in time.
 */
import type { KeptFiles } from '../storage/keptFiles.ts';

const updateName = /^\d+\.update$/;

export interface Outbox {
  /** Durable when it answers. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
  write(round: number, bytes: Uint8Array): Promise<void>;
  /** Rounds with an update that is not served yet. */
  rounds(): Promise<number[]>;
  /** Undefined where it is not there, or damaged. */
  read(round: number): Promise<Uint8Array | undefined>;
  remove(round: number): Promise<void>;
  /** It is not what was submitted to the round: nobody serves it, and `problem` is said. */
  setAside(round: number, problem: string): Promise<void>;
}

export function openOutbox(files: KeptFiles): Outbox {
  const nameOf = (round: number) => `${round}.update`;
  return {
    write: (round, bytes) => files.write(nameOf(round), bytes),
    async rounds() {
      const names = await files.names();
      return names.filter((name) => updateName.test(name)).map((name) => Number.parseInt(name, 10));
    },
    read: (round) => files.read(nameOf(round)),
    remove: (round) => files.remove(nameOf(round)),
    setAside: (round, problem) => files.setAside(nameOf(round), problem),
  };
}
