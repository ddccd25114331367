/** A folder of images by class: `cats/1.png`, `dogs/2.jpg` … */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { TributaryError } from '../../core/errors.ts';
import type { Dataset } from '../engine.ts';
import { checkSamples, sampleSize } from './dataset.ts';

export interface ImageFolderOptions {
  /** Every image is resized to this, without regard to its proportions. */
  height: number;
  width: number;
  /** 1: grey, 3: red, green, blue. Transparency is dropped. */
  channels: 1 | 3;
  /** Names of the class folders in the order of the class indices; all folders by name where not given. */
  classes?: readonly string[];
}

const extensions = new Set(['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif']);

/** Features are bytes over 255, inputShape [channels, height, width]. Errors: DATA_INVALID, DATA_EMPTY. */
export async function loadImageFolder(path: string, options: ImageFolderOptions): Promise<Dataset> {
  const { height, width, channels } = options;
  const found = await listFolder(path, 'directory');
  const classes = options.classes ?? found;
  const unknown = found.find((name) => !classes.includes(name));
  if (unknown !== undefined) {
    throw invalid(`${path} has a folder "${unknown}" that is none of the classes ${classes.join(', ')}.`);
  }
  const files: { file: string; label: number }[] = [];
  for (const [label, name] of classes.entries()) {
    if (!found.includes(name)) continue;
    const names = await listFolder(join(path, name), 'file');
    for (const file of names.filter((file) => extensions.has(extname(file).toLowerCase()))) {
      files.push({ file: join(path, name, file), label });
    }
  }
  if (files.length === 0) {
    throw new TributaryError(
      'DATA_EMPTY',
      `${path} holds no images: it needs one folder for each class, with images in it.`,
    );
  }
  const inputShape = [channels, height, width];
  const size = sampleSize(inputShape);
  const features = new Float32Array(files.length * size);
  for (const [sample, { file }] of files.entries()) features.set(await decodeImage(file, options), sample * size);
  const labels = Int32Array.from(files, ({ label }) => label);
  const dataset = { features, labels, count: files.length, inputShape, classes: classes.length };
  checkSamples(dataset);
  return dataset;
}

/** One image as [channels, height, width], in [0, 1]. Errors: DATA_INVALID. */
export async function decodeImage(
  file: string,
  { height, width, channels }: Pick<ImageFolderOptions, 'height' | 'width' | 'channels'>,
): Promise<Float32Array> {
  let pixels: Buffer;
  try {
    pixels = await sharp(file)
      .rotate() // upright, by its EXIF orientation
      .resize(width, height, { fit: 'fill' })
      .removeAlpha()
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (cause) {
    throw invalid(`${file} is not a readable image: replace or remove it.`, cause);
  }
  const planes = new Float32Array(channels * height * width);
  for (let i = 0; i < planes.length; i++) {
    planes[(i % channels) * height * width + Math.floor(i / channels)] = pixels[i]! / 255;
  }
  return planes;
}

async function listFolder(path: string, kind: 'directory' | 'file'): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const isWanted = (entry: (typeof entries)[number]) =>
      kind === 'file' ? !entry.isDirectory() : entry.isDirectory();
    return entries
      .filter((entry) => isWanted(entry) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw invalid(`There is no readable folder ${path}: check the path.`, cause);
  }
}

function invalid(message: string, cause?: unknown): TributaryError {
  return new TributaryError('DATA_INVALID', message, { cause });
}
