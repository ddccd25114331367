/** Mends a data folder: what can be had again is removed, the rest is set aside. */
import { rm } from 'node:fs/promises';
import { explainWriteFailure } from '../../storage/diskFailure.ts';
import { moveAside } from '../../storage/durable.ts';
import { openFolder } from '../folder.ts';
import type { FolderExamination } from './folder.ts';
import { isRegular, type Problem } from './report.ts';

export interface Repaired {
  file: string;
  /** Null where it was removed. */
  keptAs: string | null;
}

/** What was done. Errors: FOLDER_IN_USE, FOLDER_NOT_WRITABLE, DISK_FULL. */
export async function repairFolder({ folder, account, problems }: FolderExamination): Promise<Repaired[]> {
  // mends the lock and `process.json` by itself, and seals what an older version wrote
  const { release } = openFolder(folder, account === undefined ? {} : { account });
  try {
    const repaired: Repaired[] = [];
    for (const problem of problems.filter(isRegular)) repaired.push(await repairOne(folder, problem));
    return repaired;
  } finally {
    release();
  }
}

async function repairOne(folder: string, { kind, file, remedy }: Problem): Promise<Repaired> {
  if (kind === 'owner' || kind === 'lock') return { file, keptAs: null };
  if (remedy === 'setAside') return { file, keptAs: await moveAside(file) };
  await rm(file, { recursive: true, force: true }).catch((error: unknown) => {
    throw explainWriteFailure(error, folder);
  });
  return { file, keptAs: null };
}
