/** What the archive holds, by round: on disk before it is pinned, so that nothing is pinned of which nobody knows any more. */
import { z } from 'zod/v4';
import { parseWith } from '../core/task.ts';
import { type KeptFiles, readJson, writeJson } from '../storage/keptFiles.ts';

/** Of one round. */
export interface ArchiveRecord {
  /** CIDs of its blobs, and of those of proposals that are void. */
  cids: readonly string[];
  /** All of them were there when the round was final. */
  archived: boolean;
}

const recordSchema = z.strictObject({ cids: z.array(z.string()), archived: z.boolean() });
const fileName = /^(\d{1,10})\.json$/;

/** The records of an archive, in memory as on disk. Errors of what writes: DISK_FULL, FOLDER_NOT_WRITABLE. */
export interface Records {
  rounds(): number[];
  get(round: number): ArchiveRecord | undefined;
  set(round: number, record: ArchiveRecord): Promise<void>;
  remove(round: number): Promise<void>;
  /** CIDs that rounds other than this one hold. */
  heldBeside(round: number): Set<string>;
}

/** A file that the disk has damaged is as good as none: what its round needs follows from the chain. Errors: FILE_UNREADABLE (retryable). */
export async function openRecords(files: KeptFiles): Promise<Records> {
  const records = new Map<number, ArchiveRecord>();
  for (const name of await files.names()) {
    const found = fileName.exec(name);
    if (found === null) continue;
    const record = await readJson(files, name, (document) => parseWith(recordSchema, document, `archive/${name}`));
    if (record !== undefined) records.set(Number(found[1]), record);
  }
  return {
    rounds: () => [...records.keys()],
    get: (round) => records.get(round),
    async set(round, record) {
      await writeJson(files, `${round}.json`, record);
      records.set(round, record);
    },
    async remove(round) {
      await files.remove(`${round}.json`);
      records.delete(round);
    },
    heldBeside(round) {
      const held = new Set<string>();
      for (const [number, { cids }] of records) if (number !== round) for (const cid of cids) held.add(cid);
      return held;
    },
  };
}
