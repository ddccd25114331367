/** Pictures without classes, in their own numbers. */
import { stat } from 'node:fs/promises';
import type { ImagesDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { listDeep } from '../../training/data/imageFolder.ts';
import { createSkips } from '../../training/data/report.ts';

export interface Pictures {
  names: string[];
  /** [count, channels, height, width] */
  values: Float32Array;
  problems: (string | undefined)[];
}

/** One that cannot be read is refused, the others are not. */
export async function readPictures(files: readonly string[], description: ImagesDescription): Promise<Pictures> {
  // loads sharp's native library only where it serves
  const { decodePicture, openPicture, Unusable } = await import('../../training/data/imageFile.ts');
  const { channels, height, width, valueRange } = description;
  const [low, high] = valueRange;
  const size = channels * height * width;
  const values = new Float32Array(files.length * size).fill(low);
  const problems: (string | undefined)[] = [];
  for (const [place, file] of files.entries()) {
    const opened = await openPicture(file);
    const planes = opened instanceof Unusable ? opened : await decodePicture(opened, description);
    problems.push(planes instanceof Unusable ? planes.reason : undefined);
    if (planes instanceof Unusable) continue;
    const own = planes.map((value) => Math.min(high, low + value * (high - low)));
    values.set(own, place * size);
  }
  return { names: [...files], values, problems };
}

/** All files in the folder and the folders in it, as training lists them, or the file itself. Errors: DATA_INVALID, DATA_EMPTY. */
export async function listPictures(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (cause) => {
      throw new TributaryError('DATA_INVALID', `There is no file or folder ${path}: check the path.`, { cause });
    },
  );
  if (!isFolder) return [path];
  const files = await listDeep(path, createSkips());
  if (files.length === 0) throw new TributaryError('DATA_EMPTY', `${path} holds no pictures.`);
  return files;
}
