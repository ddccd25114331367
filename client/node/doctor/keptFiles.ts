/** Looks through the files that roles keep. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFailureCode, explainReadFailure } from '../../storage/diskFailure.ts';
import { isSetAside, isTemporary } from '../../storage/durable.ts';
import { unseal } from '../../storage/seal.ts';
import { type FileKind, keptKinds } from '../fileKinds.ts';
import { folderFormat } from '../owner.ts';
import { countGoodInPlace, type Examination } from './report.ts';

const unreadable = 'it cannot be read';

/** `format` is that of the folder: files of format 1 have no seal. */
export async function examineKeptFilesInPlace(found: Examination, folder: string, format: number): Promise<void> {
  for (const kind of keptKinds) {
    const below = join(folder, kind.folder);
    for (const name of await namesIn(below)) {
      const file = join(below, name);
      if (isTemporary(name)) found.problems.push(temporary(file));
      else if (isSetAside(name)) found.notes.push(`${file} was set aside: ${kind.means}`);
      else if (!kind.isName.test(name)) found.notes.push(`${file} is no file of this program`);
      else await examineOne(found, kind, file, format);
    }
  }
}

async function examineOne(found: Examination, kind: FileKind, file: string, format: number): Promise<void> {
  const problem = await problemOf(kind, file, format);
  if (problem === undefined) return countGoodInPlace(found, kind.name);
  const of = { kind: kind.name, file, problem };
  if (problem.startsWith(unreadable)) found.problems.push({ ...of, means: 'let who runs the process read it' });
  else found.problems.push({ ...of, means: kind.means, remedy: kind.replaceable ? 'remove' : 'setAside' });
}

async function problemOf(kind: FileKind, file: string, format: number): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = diskFailureCode(error);
    if (code === undefined) throw error;
    return code === 'EISDIR' ? 'it is a folder' : `${unreadable} (${code})`;
  }
  const content = unseal(bytes) ?? (format < folderFormat ? bytes : undefined);
  if (content === undefined) return `its ${bytes.length} bytes do not end in their checksum`;
  return kind.wasWhole(content) ? undefined : 'it is no whole JSON';
}

export function temporary(file: string): Examination['problems'][number] {
  const means = 'a process died while it wrote; what it was to replace is whole';
  return { kind: 'temporary file', file, problem: 'it was left over', means, remedy: 'remove' };
}

/** None where there is no such folder. Errors: FILE_UNREADABLE. */
export async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(diskFailureCode(error) ?? '')) return [];
    throw explainReadFailure(error, folder);
  });
}
