/** Seals what was written before files had checksums: format 1 of a data folder. It may die anywhere and be run again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFailureCode, explainReadFailure } from '../storage/diskFailure.ts';
import { seal, unseal } from '../storage/seal.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import { type FileKind, keptKinds, pinKind } from './fileKinds.ts';
import { folderFormat } from './owner.ts';

const kinds = [...keptKinds, pinKind];

/** Of a folder that does not say its format: one with a sealed file is none of format 1. Errors: FILE_UNREADABLE. */
export function guessFormat(folder: string): number {
  const sealed = kinds.some((kind) => readKind(folder, kind).some(({ bytes }) => unseal(bytes) !== undefined));
  return sealed ? folderFormat : 1;
}

/** What is not whole stays as it is: who reads it says so. Errors: DISK_FULL, FOLDER_NOT_WRITABLE, FILE_UNREADABLE. */
export function sealFolder(folder: string): void {
  for (const kind of kinds) {
    for (const { path, bytes } of readKind(folder, kind)) {
      if (unseal(bytes) === undefined && !hasSeal(bytes) && kind.wasWhole(bytes)) writeWhole(path, seal(bytes));
    }
  }
}

function readKind(folder: string, kind: FileKind): { path: string; bytes: Uint8Array }[] {
  const below = join(folder, kind.folder);
  const paths = namesIn(below).flatMap((name) => (kind.isName.test(name) ? [join(below, name)] : []));
  return paths.flatMap((path) => {
    try {
      return [{ path, bytes: readFileSync(path) }];
    } catch (error) {
      if (diskFailureCode(error) === 'EISDIR') return [];
      throw explainReadFailure(error, path);
    }
  });
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
