/** Looks through a data folder, also while no process uses it, and changes nothing in it. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TributaryError } from '../../core/errors.ts';
import { diskFailureCode, explainReadFailure } from '../../storage/diskFailure.ts';
import { isTemporary } from '../../storage/durable.ts';
import { keptKinds, ownerMeans } from '../fileKinds.ts';
import { formatOf, isInUse } from '../folder.ts';
import { folderFormat, ownerFileOf, readOwner, requireFormat } from '../owner.ts';
import { examineBlobsInPlace } from './blobs.ts';
import { examineKeptFilesInPlace, temporary } from './keptFiles.ts';
import { type Examination, noFindings } from './report.ts';

export interface FolderExamination extends Examination {
  folder: string;
  format: number;
  /** Of whose key the process was that used it last. */
  account: string | undefined;
  inUse: boolean;
  freeBytes: number;
}

/** Errors: CONFIG_INVALID (no data folder), FOLDER_OTHER_VERSION, FILE_UNREADABLE. */
export async function examineFolder(name: string): Promise<FolderExamination> {
  requireDataFolder(resolve(name));
  const folder = realpathSync(name);
  const found = noFindings();
  const read = readOwner(folder);
  const owner = read === 'damaged' ? undefined : read;
  if (owner !== undefined) requireFormat(folder, owner);
  if (read === 'damaged') {
    const file = ownerFileOf(folder);
    found.problems.push({
      kind: 'owner',
      file,
      problem: 'it is not as it was written',
      means: ownerMeans,
      remedy: 'remove',
    });
  }
  const format = formatOf(folder, read);
  if (owner !== undefined && format < folderFormat)
    found.notes.push(`its format is ${format}: the next start makes it ${folderFormat}`);
  const inUse = isInUse(folder);
  const lock = `${folder}.lock`;
  if (!inUse && existsSync(lock)) {
    const means = 'its process was killed; the next start takes it';
    found.problems.push({ kind: 'lock', file: lock, problem: 'nobody holds it', means, remedy: 'remove' });
  }
  for (const each of readdirSync(folder).filter(isTemporary)) found.problems.push(temporary(join(folder, each)));
  await examineKeptFilesInPlace(found, folder, format);
  await examineBlobsInPlace(found, folder, format);
  // what its process writes or removes meanwhile
  if (inUse) found.problems = found.problems.filter(({ kind, file }) => kind !== 'temporary file' && existsSync(file));
  const { bavail, bsize } = await statfs(folder);
  return { ...found, folder, format, account: owner?.account, inUse, freeBytes: bavail * bsize };
}

function requireDataFolder(folder: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(diskFailureCode(error) ?? '')) throw explainReadFailure(error, folder);
  }
  const known = ['process.json', 'blobs', ...keptKinds.map((kind) => kind.folder)];
  if (names.some((name) => known.includes(name))) return;
  throw new TributaryError(
    'CONFIG_INVALID',
    `--data: ${folder} is no data folder of a process: name the one that the process was started with.`,
    { args: { field: 'data' } },
  );
}
