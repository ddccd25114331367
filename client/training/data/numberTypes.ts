/** The types of numbers in binary files, read into arrays of the machine's own byte order. */
import { endianness } from 'node:os';

export type NumberType =
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float32'
  | 'float64';

const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<NumberType, unknown>;

export function bytesOf(type: NumberType): number {
  return arrays[type].BYTES_PER_ELEMENT;
}

/** Integers of 64 bits beyond 2⁵³ lose their last digits. */
export function decodeNumbers(bytes: Uint8Array, type: NumberType, order: 'BE' | 'LE'): ArrayLike<number> {
  const size = bytesOf(type);
  const copy = Buffer.from(Uint8Array.from(bytes).buffer);
  if (order !== endianness()) {
    if (size === 2) copy.swap16();
    if (size === 4) copy.swap32();
    if (size === 8) copy.swap64();
  }
  const values = new arrays[type](copy.buffer, 0, copy.length / size);
  return values instanceof BigInt64Array || values instanceof BigUint64Array
    ? Float64Array.from(values, Number)
    : values;
}
