/**
 * Between the floating point of training and the integers of the protocol. Updates are rounded stochastically
 * (unbiased: E[encode(x)] = x, Gupta et al., https://arxiv.org/abs/1502.02551, section 3), models to the nearest.
 */
import { TributaryError, validateArgument } from './errors.ts';
import {
  chunkCoordinates,
  chunkCount,
  modelFractionBits,
  saturateInt16,
  saturateInt32,
  updateFractionBits,
} from './numbers.ts';
import type { Random } from './random.ts';

/** Rounded and saturated: d coordinates in units of 2^-16. */
export interface EncodedUpdate {
  values: Int16Array;
  /** How many coordinates were out of range and were cut to it. */
  saturated: number;
}

/** Errors: ENCODING_NOT_FINITE, naming the first coordinate that is NaN or infinite. */
export function encodeUpdate(update: Float32Array, random: Random): EncodedUpdate {
  const scale = 2 ** updateFractionBits;
  const values = new Int16Array(update.length);
  let saturated = 0;
  for (let i = 0; i < update.length; i++) {
    const scaled = update[i]! * scale;
    if (!Number.isFinite(scaled)) throw notFinite('update', i, update[i]!);
    const rounded = Math.floor(scaled + random.float());
    const value = saturateInt16(rounded);
    if (value !== rounded) saturated++;
    values[i] = value;
  }
  return { values, saturated };
}

/** Update units, 2^-16, to floats, [d]. */
export function decodeUpdate(values: Int16Array): Float32Array {
  return scaleDown(values, updateFractionBits);
}

/** Float parameters to model units. Errors: ENCODING_NOT_FINITE. */
export function encodeModel(parameters: Float32Array): Int32Array {
  const scale = 2 ** modelFractionBits;
  const values = new Int32Array(parameters.length);
  for (let i = 0; i < parameters.length; i++) {
    const scaled = parameters[i]! * scale;
    if (!Number.isFinite(scaled)) throw notFinite('model', i, parameters[i]!);
    values[i] = saturateInt32(Math.round(scaled));
  }
  return values;
}

/** Model units, 2^-24, to floats, [d]. */
export function decodeModel(values: Int32Array): Float32Array {
  return scaleDown(values, modelFractionBits);
}

function scaleDown(values: Int16Array | Int32Array, fractionBits: number): Float32Array {
  const unit = 2 ** -fractionBits;
  const scaled = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) scaled[i] = values[i]! * unit;
  return scaled;
}

function notFinite(what: string, index: number, value: number): TributaryError {
  return new TributaryError(
    'ENCODING_NOT_FINITE',
    `Coordinate ${index} of the ${what} is ${value}, which no integer stands for: train again with a lower learning rate, and check the data for NaN.`,
    { args: { index, value } },
  );
}

/** Whole chunks of big-endian int16, the last one filled with zeros: what is pinned and what the leaves hash. */
export function updateToBytes(values: Int16Array): Uint8Array {
  const bytes = new Uint8Array(chunkCount(values.length) * chunkCoordinates * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setInt16(2 * i, values[i]!);
  return bytes;
}

/** Errors: ARGUMENT_INVALID where the length is not that of `dimension` coordinates, or the filling is not zero. */
export function updateFromBytes(bytes: Uint8Array, dimension: number): Int16Array {
  requireFilledLength(bytes, dimension, 2);
  const values = new Int16Array(dimension);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < dimension; i++) values[i] = view.getInt16(2 * i);
  return values;
}

/** Whole chunks of big-endian int32, the last one filled with zeros. */
export function modelToBytes(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array(chunkCount(values.length) * chunkCoordinates * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i]!);
  return bytes;
}

/** Errors: as updateFromBytes. */
export function modelFromBytes(bytes: Uint8Array, dimension: number): Int32Array {
  requireFilledLength(bytes, dimension, 4);
  const values = new Int32Array(dimension);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < dimension; i++) values[i] = view.getInt32(4 * i);
  return values;
}

function requireFilledLength(bytes: Uint8Array, dimension: number, coordinateBytes: number): void {
  const expected = chunkCount(dimension) * chunkCoordinates * coordinateBytes;
  validateArgument(
    bytes.length === expected,
    `${dimension} coordinates of ${coordinateBytes} bytes fill ${expected} bytes, but there are ${bytes.length}.`,
  );
  for (let i = dimension * coordinateBytes; i < bytes.length; i++) {
    validateArgument(bytes[i] === 0, `Byte ${i}, behind the last of ${dimension} coordinates, must be zero.`);
  }
}

/** Squared L2 norm in squared update units; exact up to 2^53, beyond every bound a task may set. */
export function squaredNorm(values: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}
