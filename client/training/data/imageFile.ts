/** One picture file as numbers, in the range that the task names. */
import { readFile } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import type { ImagesDescription } from '../../core/data/description.ts';
import { reasonOfForeignFile } from './foreignFile.ts';

/** Why one file is left out; `where` has the details that differ from file to file. */
export class Unusable {
  readonly reason: string;
  readonly details: string;
  constructor(reason: string, details = '') {
    this.reason = reason;
    this.details = details;
  }
}

export interface Picture {
  bytes: Buffer;
  metadata: Metadata;
}

const formats = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif']);
/** Beyond it a picture of a few kilobytes would fill the memory. */
const maxPixels = 2 ** 27;
/** Of pictures whose numbers are read one by one. */
const maxDeepPixels = 2 ** 26;
/** A picture that uses less of the range is in other numbers: 12 of 16 bits are a sixteenth, 0 to 1 of a byte far less. */
const leastShareOfRange = 1 / 15;

/** What the file's header says. */
export async function openPicture(path: string): Promise<Picture | Unusable> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return new Unusable(await reasonOfForeignFile(path));
  }
  try {
    const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (formats.has(metadata.format) && metadata.compression !== 'hevc') return { bytes, metadata };
  } catch (problem) {
    if (bytes.length > 0 && !/unsupported image format/.test(String(problem))) return new Unusable(damaged);
  }
  return new Unusable(await reasonOfForeignFile(path));
}

const damaged = 'it is damaged or incomplete: replace it';

/** [channels, height, width], from the value range to [0, 1]. */
export async function decodePicture(
  { bytes, metadata }: Picture,
  description: ImagesDescription,
): Promise<Float32Array | Unusable> {
  const { width, height, depth } = metadata;
  const [low, high] = description.valueRange;
  const isPlain = depth === 'uchar' && low === 0 && high === 255;
  const pixels = width * height;
  if (pixels > (isPlain ? maxPixels : maxDeepPixels)) {
    const limit = Math.floor((isPlain ? maxPixels : maxDeepPixels) / 1e6);
    return new Unusable(`it has more than ${limit} million pixels: make it smaller`, `${width} × ${height}`);
  }
  if (depth === 'uchar' && high > 255) {
    return new Unusable(`it has 8 bits, but the task's numbers go to ${high}: save it with all its bits`);
  }
  if (depth === 'short') return new Unusable('it has signed 16-bit numbers, which are not read: save it as float TIFF');
  try {
    return isPlain ? await decodePlain(bytes, description) : await decodeDeep({ bytes, metadata }, description);
  } catch {
    return new Unusable(damaged);
  }
}

/** Pictures of bytes, as they are looked at: upright, colours by their profile, without transparency. */
async function decodePlain(bytes: Buffer, { channels, height, width }: ImagesDescription): Promise<Float32Array> {
  const values = await sharp(bytes, { limitInputPixels: maxPixels })
    .autoOrient()
    .resize(width, height, { fit: 'fill' })
    .removeAlpha()
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
  return toPlanes(values, channels, 255);
}

/** Pictures of other numbers: the numbers of the file are held against the range, and only then resized. */
async function decodeDeep(
  picture: Picture,
  { channels, height, width, valueRange: [low, high] }: ImagesDescription,
): Promise<Float32Array | Unusable> {
  const { values, info } = await numbersOf(picture);
  if (info.channels !== 1 && info.channels !== 3) {
    return new Unusable('it has neither one channel nor three: save it as grey or as red, green, blue');
  }
  const { lowest, highest } = extentOf(values);
  const found = `its numbers go from ${lowest} to ${highest}`;
  if (!(lowest >= low && highest <= high)) {
    return new Unusable(
      `its numbers are not within ${low} to ${high}, the task's \`valueRange\`: save it in the task's numbers`,
      found,
    );
  }
  if (highest > low && highest - low < (high - low) * leastShareOfRange) {
    const share = `less than ${(leastShareOfRange * 100).toFixed(0)} %`;
    return new Unusable(
      `it uses ${share} of ${low} to ${high}, the task's \`valueRange\`: it is in other numbers`,
      found,
    );
  }
  const steps = Uint16Array.from(values, (value) => Math.round(((value - low) / (high - low)) * 65_535));
  const resized = await sharp(steps, { raw: { width: info.width, height: info.height, channels: info.channels } })
    .resize(width, height, { fit: 'fill' })
    .toColourspace(channels === 1 ? 'grey16' : 'rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer();
  return toPlanes(new Uint16Array(resized.buffer, resized.byteOffset, resized.length / 2), channels, 65_535);
}

/** The numbers as the file has them, upright and without transparency. */
export async function numbersOf({ bytes, metadata: { space } }: Picture) {
  const { data, info } = await sharp(bytes, { ignoreIcc: true, limitInputPixels: maxDeepPixels })
    .autoOrient()
    .removeAlpha()
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  return { values: new Float32Array(data.buffer, data.byteOffset, data.length / 4), info };
}

/** NaN where a value is none. */
export function extentOf(values: Float32Array): { lowest: number; highest: number } {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isNaN(value)) return { lowest: Number.NaN, highest: Number.NaN };
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return { lowest, highest };
}

/** From channels last to channels first, and to [0, 1]. */
function toPlanes(values: ArrayLike<number>, channels: number, largest: number): Float32Array {
  const area = values.length / channels;
  const planes = new Float32Array(values.length);
  for (let i = 0; i < planes.length; i++) {
    planes[(i % channels) * area + Math.floor(i / channels)] = values[i]! / largest;
  }
  return planes;
}
