/** The bundled digits as a task describes them: their pixels are bytes. */
import type { DataDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import type { Dataset } from '../engine.ts';
import { normaliseInPlace } from './normalise.ts';

/** Without a description, bytes over 255. Errors: CONFIG_INVALID where the description is of something else. */
export function describeDigits(digits: Dataset, description: DataDescription | undefined): Dataset {
  if (description === undefined) return digits;
  if (description.kind === 'table') throw misfit('a table');
  const [low, high] = description.kind === 'images' ? description.valueRange : description.range;
  if (low > 0 || high < 255) throw misfit(`values from ${low} to ${high}, and their pixels are 0 to 255`);
  const isScaled = description.kind === 'images' || description.scaling === 'range';
  const features = digits.features.map((pixel) => {
    const byte = Math.round(pixel * 255);
    return isScaled ? (byte - low) / (high - low) : byte;
  });
  const size = features.length / digits.count;
  for (let sample = 0; sample < digits.count; sample++) {
    normaliseInPlace(features.subarray(sample * size, (sample + 1) * size), description.normalisation);
  }
  const places = description.classes.map((_, digit) => description.classes.indexOf(String(digit)));
  const isNamed = description.classes.every((name) => /^\d$/.test(name));
  const labels = digits.labels.map((digit) => (isNamed ? (places[digit] ?? -1) : digit));
  if (labels.some((label) => label < 0 || label >= description.classes.length)) {
    throw misfit(`the classes ${description.classes.join(', ')}, not ten digits`);
  }
  return { ...digits, features, labels: labels as Int32Array, classes: description.classes.length };
}

function misfit(what: string): TributaryError {
  return new TributaryError(
    'CONFIG_INVALID',
    `data: the digits of mnist do not fit the task, which describes ${what}.`,
    {
      args: { field: 'data' },
    },
  );
}
