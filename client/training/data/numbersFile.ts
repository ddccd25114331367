/** A file that holds one array of numbers, IDX or NumPy, gzipped or not. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TributaryError } from '../../core/errors.ts';
import { parseIdx } from './idxFormat.ts';
import { isNpy, parseNpy } from './npyFormat.ts';

export interface NumbersFile {
  path: string;
  extents: readonly number[];
  /** Row-major. */
  values: ArrayLike<number>;
  /** For example `uint8`. */
  type: string;
}

/** Errors: DATA_INVALID, naming the file. */
export async function readNumbersFile(path: string): Promise<NumbersFile> {
  const bytes = await readMaybeGzipped(path);
  return { path, ...(isNpy(bytes) ? parseNpy(path, bytes) : parseIdx(path, bytes)) };
}

async function readMaybeGzipped(path: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const problem =
      code === 'ENOENT' ? `There is no file ${path}: check the path.` : `${path} cannot be read (${code}).`;
    throw new TributaryError('DATA_INVALID', problem, { cause });
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes); // which ignores zeros behind the end
  } catch (cause) {
    throw new TributaryError('DATA_INVALID', `${path} is a damaged gzip file: download it again.`, { cause });
  }
}
