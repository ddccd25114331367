/** Seals what was written before files had checksums: format 1 of a data folder. It may die anywhere and be run again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFailureCode, explainReadFailure } from '../storage/diskFailure.ts';
import { seal, unseal } from '../storage/seal.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import { type FileKind, keptKinds, pinKind } from './fileKinds.ts';

/** What is not whole stays as it is: who reads it says so. Errors: DISK_FULL, FOLDER_NOT_WRITABLE, FILE_UNREADABLE. */
export function sealFolder(folder: string): void {
  for (const kind of [...keptKinds, pinKind]) sealKind(join(folder, kind.folder), kind);
}

function sealKind(folder: string, kind: FileKind): void {
  for (const name of namesIn(folder)) {
    if (!kind.isName.test(name)) continue;
    const path = join(folder, name);
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if (diskFailureCode(error) === 'EISDIR') continue;
      throw explainReadFailure(error, path);
    }
    if (unseal(bytes) === undefined && !hasSeal(bytes) && kind.wasWhole(bytes)) writeWhole(path, seal(bytes));
  }
}

/** Of bytes that were changed after they had been sealed. */
function hasSeal(bytes: Uint8Array): boolean {
  return /\nsha256 [^\n]{64}\n$/.test(Buffer.from(bytes.subarray(-73)).toString('latin1'));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(diskFailureCode(error) ?? '')) return [];
    throw explainReadFailure(error, folder);
  }
}
