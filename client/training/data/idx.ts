/**
 * IDX files, the format of MNIST (http://yann.lecun.com/exdb/mnist), Fashion-MNIST and EMNIST: two zero bytes, the type
 * (8: unsigned byte), the number of dimensions, each extent as a big-endian uint32, then the values. Gzipped or not.
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TributaryError } from '../../core/errors.ts';
import type { Dataset } from '../engine.ts';
import { checkSamples } from './dataset.ts';

export interface IdxOptions {
  /** EMNIST stores its images with rows and columns exchanged: true turns them upright. */
  transposed?: boolean;
  /** The label of class 0: 1 for EMNIST Letters, else 0. */
  firstLabel?: number;
  /** Number of classes; the largest label decides where it is not given. */
  classes?: number;
}

/** Features are bytes over 255, inputShape [1, height, width]. Errors: DATA_INVALID, DATA_EMPTY. */
export async function loadIdx(imagesPath: string, labelsPath: string, options: IdxOptions = {}): Promise<Dataset> {
  const images = await readIdx(imagesPath, 3, 'images');
  const labelFile = await readIdx(labelsPath, 1, 'labels');
  const [count, rows, columns] = images.extents as [number, number, number];
  if (labelFile.extents[0] !== count) {
    throw invalid(
      `${imagesPath} holds ${count} images but ${labelsPath} holds ${labelFile.extents[0]} labels: take two files that belong together.`,
    );
  }
  const [height, width] = options.transposed ? [columns, rows] : [rows, columns];
  const features = new Float32Array(count * height * width);
  const pixels = height * width;
  for (let sample = 0; sample < count; sample++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const source = options.transposed ? x * height + y : y * width + x;
        features[sample * pixels + y * width + x] = images.values[sample * pixels + source]! / 255;
      }
    }
  }
  const labels = Int32Array.from(labelFile.values, (label) => label - (options.firstLabel ?? 0));
  const classes = options.classes ?? labels.reduce((largest, label) => Math.max(largest, label), 0) + 1;
  const dataset = { features, labels, count, inputShape: [1, height, width], classes };
  checkSamples(dataset);
  return dataset;
}

interface IdxContent {
  extents: number[];
  values: Uint8Array;
}

export async function readIdx(path: string, dimensions: number, content: string): Promise<IdxContent> {
  const bytes = await readMaybeGzipped(path);
  const expected = `0x0000080${dimensions}`;
  const magic = bytes.length >= 4 ? `0x${bytes.readUInt32BE(0).toString(16).padStart(8, '0')}` : 'too few bytes';
  if (magic !== expected) {
    throw invalid(`${path} is not an IDX file of ${content}: it starts with ${magic}, not ${expected}.`);
  }
  const start = 4 + 4 * dimensions;
  const extents =
    bytes.length < start ? [] : Array.from({ length: dimensions }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const size = extents.reduce((product, extent) => product * extent, 1);
  if (bytes.length < start || bytes.length !== start + size) {
    throw invalid(
      `${path} holds ${bytes.length} bytes but its header asks for ${bytes.length < start ? `at least ${start}` : start + size}: it is truncated or damaged, so download it again.`,
    );
  }
  return { extents, values: bytes.subarray(start) };
}

async function readMaybeGzipped(path: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw invalid(
      code === 'ENOENT' ? `There is no file ${path}: check the path.` : `${path} cannot be read (${code}).`,
      cause,
    );
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (cause) {
    throw invalid(`${path} is a damaged gzip file: download it again.`, cause);
  }
}

function invalid(message: string, cause?: unknown): TributaryError {
  return new TributaryError('DATA_INVALID', message, { cause });
}
