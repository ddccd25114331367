/** A folder of pictures, a folder for each class, as the task describes them. */
import type { ImagesDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import type { Dataset } from '../engine.ts';
import { sampleSize } from './dataset.ts';
import { decodePicture, openPicture, Unusable } from './imageFile.ts';
import { composed, type ImageFile, listImageFolder } from './imageFolder.ts';
import { normaliseInPlace } from './normalise.ts';
import type { Skips } from './report.ts';

/** Pictures that are decoded at the same time. */
const atOnce = 8;

/**
 * Features are [channels, height, width] of each picture, the value range as 0 to 1 and then normalised. Each picture is resized
 * without regard to its proportions. Errors: DATA_INVALID for a folder that is no class, DATA_EMPTY.
 */
export async function readImages(folder: string, description: ImagesDescription, skips: Skips): Promise<Dataset> {
  const { channels, height, width } = description;
  const { classes: found, files: listed } = await listImageFolder(folder, skips);
  const classes = description.classes.map(composed);
  checkClasses(folder, found, classes);
  const labelOf = new Map(classes.map((name, label) => [name, label]));
  const files = listed.sort((a, b) => labelOf.get(a.className)! - labelOf.get(b.className)!);
  const inputShape = [channels, height, width];
  const size = sampleSize(inputShape);
  const features = new Float32Array(files.length * size);
  const labels = new Int32Array(files.length);
  const several: string[] = [];
  let count = 0;
  for (let first = 0; first < files.length; first += atOnce) {
    const batch = files.slice(first, first + atOnce);
    const pictures = await Promise.all(batch.map((file) => readPicture(file, description)));
    for (const [place, { path, className }] of batch.entries()) {
      const picture = pictures[place]!;
      if (picture instanceof Unusable) {
        skips.skip(picture.reason, picture.details === '' ? path : `${path} (${picture.details})`);
        continue;
      }
      if (picture.pages > 1) several.push(path);
      features.set(normaliseInPlace(picture.planes, description.normalisation), count * size);
      labels[count++] = labelOf.get(className)!;
    }
  }
  remarkOn(several, skips);
  if (count === 0) throw emptyFolder(folder, skips);
  const isWhole = count === files.length;
  return {
    features: isWhole ? features : features.slice(0, count * size),
    labels: isWhole ? labels : labels.slice(0, count),
    count,
    inputShape,
    classes: classes.length,
  };
}

/** One picture as [channels, height, width], the value range as 0 to 1, not normalised. Errors: DATA_INVALID. */
export async function decodeImage(path: string, description: ImagesDescription): Promise<Float32Array> {
  const picture = await readPicture({ path }, description);
  if (!(picture instanceof Unusable)) return picture.planes;
  const details = picture.details === '' ? '' : ` (${picture.details})`;
  throw new TributaryError('DATA_INVALID', `${path} cannot be used: ${picture.reason}${details}.`);
}

async function readPicture({ path }: Pick<ImageFile, 'path'>, description: ImagesDescription) {
  const picture = await openPicture(path);
  if (picture instanceof Unusable) return picture;
  const planes = await decodePicture(picture, description);
  return planes instanceof Unusable ? planes : { planes, pages: picture.metadata.pages ?? 1 };
}

function checkClasses(folder: string, found: readonly string[], classes: readonly string[]): void {
  const strangers = found.filter((name) => !classes.includes(name));
  if (strangers.length === 0) return;
  const names = strangers.map((name) => `"${name}"`).join(', ');
  const [is, them] = strangers.length === 1 ? ['is', 'it'] : ['are', 'them'];
  throw new TributaryError(
    'DATA_INVALID',
    `${folder}: ${names} ${is} none of the task's classes ${namesOf(classes)}: rename ${them} as the task names the class, or move ${them} away.`,
    { args: { folders: strangers } },
  );
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  return names.length > 20 ? `${shown.join(', ')} and ${names.length - 20} more` : shown.join(', ');
}

function remarkOn(several: readonly string[], skips: Skips): void {
  if (several.length === 0) return;
  const first = several.slice(0, 3).join(', ');
  skips.remark(
    `Of files with several pictures (animations, pages) the first is used: ${several.length} files, first ${first}.`,
  );
}

function emptyFolder(folder: string, { skipped }: Skips): TributaryError {
  const [worst] = skipped;
  const why =
    worst === undefined
      ? 'it needs a folder for each class, with pictures in it'
      : `${worst.count} files are left out, first ${worst.first[0]}: ${worst.reason}`;
  return new TributaryError('DATA_EMPTY', `${folder} holds no pictures that can be used: ${why}.`);
}
