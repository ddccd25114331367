/** A description that a folder of pictures suggests, with questions where it guesses. */

import type { Metadata } from 'sharp';
import type { ImagesDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { extentOf, numbersOf, openPicture, Unusable } from './imageFile.ts';
import { listImageFolder } from './imageFolder.ts';
import { createSkips } from './report.ts';

/** Headers that are read, and pictures whose numbers are read, spread evenly over the folder. */
const headersRead = 2000;
const picturesRead = 20;
/** Where pictures have no size in common. */
const usualSize = [32, 32] as const;

/** Without its bytes: those of two thousand would fill the memory. */
interface Header {
  path: string;
  metadata: Metadata;
}

/** Errors: DATA_INVALID, DATA_EMPTY. */
export async function describeImages(folder: string): Promise<{ data: ImagesDescription; questions: string[] }> {
  const { classes, files } = await listImageFolder(folder, createSkips());
  const pictures: Header[] = [];
  const unusable = createSkips();
  const surveyed = spread(files, headersRead);
  for (const { path } of surveyed) {
    const picture = await openPicture(path);
    if (picture instanceof Unusable) unusable.skip(picture.reason, path);
    else pictures.push({ path, metadata: picture.metadata });
  }
  if (pictures.length === 0) {
    const why = unusable.skipped[0]?.reason ?? 'it needs a folder for each class, with pictures in it';
    throw new TributaryError('DATA_EMPTY', `${folder} holds no pictures that can be read: ${why}.`);
  }
  const questions = unusable.skipped.map(
    ({ reason, count, first }) => `${count} of ${surveyed.length} files cannot be used, first ${first[0]}: ${reason}.`,
  );
  if (classes.length < 2) {
    questions.push(`There is one class folder here, "${classes[0]}": which other classes does the task have?`);
  }
  const data: ImagesDescription = {
    kind: 'images',
    channels: channelsOf(pictures, questions),
    ...sizeOf(pictures, questions),
    valueRange: await rangeOf(pictures, questions),
    classes,
    maxSkippedShare: 0.05,
  };
  return { data, questions };
}

function channelsOf(pictures: readonly Header[], questions: string[]): 1 | 3 {
  const grey = pictures.filter(({ metadata: { channels } }) => channels <= 2).length;
  if (grey > 0 && grey < pictures.length) {
    questions.push(`${grey} of ${pictures.length} pictures are grey and the others in colour: one channel or three?`);
  }
  return 2 * grey > pictures.length ? 1 : 3;
}

function sizeOf(pictures: readonly Header[], questions: string[]): { height: number; width: number } {
  const [size, count] = commonest(
    pictures.map(({ metadata: { autoOrient } }) => `${autoOrient.height} ${autoOrient.width}`),
  );
  if (count === pictures.length || 2 * count > pictures.length) {
    const [height, width] = size.split(' ').map(Number) as [number, number];
    if (count < pictures.length) {
      const others = pictures.length - count;
      questions.push(
        `${others} of ${pictures.length} pictures are not ${height} high and ${width} wide: is that the size?`,
      );
    }
    return { height, width };
  }
  const [height, width] = usualSize;
  questions.push(
    `The pictures have no size in common: which height and width does the model want? ${height} × ${width} is a guess.`,
  );
  return { height, width };
}

/** By the depth of most pictures; of pictures with more than 8 bits by the numbers found. */
async function rangeOf(pictures: readonly Header[], questions: string[]): Promise<[number, number]> {
  const [depth, count] = commonest(pictures.map(({ metadata }) => metadata.depth));
  if (count < pictures.length) {
    const others = pictures.length - count;
    questions.push(
      `${others} of ${pictures.length} pictures have not the depth of the others (${depth}): they may be skipped.`,
    );
  }
  if (depth === 'uchar') return [0, 255];
  const alike = pictures.filter(({ metadata }) => metadata.depth === depth);
  const extents = await Promise.all(spread(alike, picturesRead).map(extentOfPicture));
  const known = extents.filter((extent) => extent !== undefined);
  const lowest = Math.min(...known.map((extent) => extent.lowest));
  const highest = Math.max(...known.map((extent) => extent.highest));
  const range = usualRange(depth, lowest, highest);
  const found =
    known.length === 0 ? 'No picture could be read whole' : `The pictures' numbers go from ${lowest} to ${highest}`;
  questions.push(`${found}: is ${range[0]} to ${range[1]} what they can be at all sites?`);
  return range;
}

/** Undefined for a damaged picture, and one with values that are no numbers: reading the folder names it. */
async function extentOfPicture({ path }: Header) {
  const picture = await openPicture(path);
  if (picture instanceof Unusable) return undefined;
  try {
    const extent = extentOf((await numbersOf(picture)).values);
    return Number.isNaN(extent.lowest) ? undefined : extent;
  } catch {
    return undefined;
  }
}

function usualRange(depth: string, lowest: number, highest: number): [number, number] {
  if (!(lowest <= highest)) return depth === 'ushort' ? [0, 65_535] : [0, 1]; // no picture could be read whole
  if (depth === 'ushort') return [0, [1023, 4095, 16_383].find((largest) => highest <= largest) ?? 65_535];
  if (lowest >= 0 && highest <= 1) return [0, 1];
  return lowest < highest ? [lowest, highest] : [lowest, lowest + 1];
}

function spread<T>(items: readonly T[], wanted: number): T[] {
  const step = Math.max(1, items.length / wanted);
  return Array.from({ length: Math.min(items.length, wanted) }, (_, place) => items[Math.floor(place * step)]!);
}

function commonest<T>(values: readonly T[]): [value: T, count: number] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]!;
}
