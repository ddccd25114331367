/**
 * The safetensors format, https://github.com/huggingface/safetensors#format: the header's length (8 bytes, little-endian), a JSON
 * header (padded with spaces to a multiple of 8), then the tensors, row-major, little-endian, without gaps.
 */
import { TributaryError } from '../core/errors.ts';
import type { ParameterLayout } from './engine.ts';
import { elementCount } from './layout.ts';

/** Bytes of one number of each type. */
const typeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;
export type TensorType = keyof typeof typeBytes;

/** A tensor as it lies in a file. */
export interface StoredTensor {
  name: string;
  dtype: TensorType;
  shape: readonly number[];
  /** Row-major, little-endian. */
  bytes: Uint8Array;
}

const mostHeaderBytes = 100_000_000;

/** In the order in which the tensors lie in the file. `where` begins a sentence: what the file is. Errors: MODEL_INVALID. */
export function readSafetensors(bytes: Uint8Array, where: string): StoredTensor[] {
  const { header, data } = readHeader(bytes, where);
  const placed = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => readEntry(name, entry, where))
    // names that look like numbers leave their order in JSON
    .sort((a, b) => a.from - b.from || a.to - b.to || (a.name < b.name ? -1 : 1));
  let end = 0;
  for (const { name, from, to } of placed) {
    if (from !== end) throw invalid(where, `the tensor "${name}" begins at byte ${from} and not at ${end}`);
    end = to;
  }
  if (end > data.length) throw invalid(where, `it is cut: its tensors have ${end} bytes, and ${data.length} are there`);
  if (end < data.length) throw invalid(where, `${data.length - end} bytes stand behind its tensors`);
  return placed.map(({ from, to, ...tensor }) => ({ ...tensor, bytes: data.subarray(from, to) }));
}

export function writeSafetensors(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, dtype, shape, bytes }) => {
    const data_offsets = [end, end + bytes.length];
    end += bytes.length;
    return [name, { dtype, shape, data_offsets }];
  });
  const json = JSON.stringify({ __metadata__: { format: 'np', ...metadata }, ...Object.fromEntries(entries) });
  const header = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(header, 8);
  let at = 8 + headerBytes;
  for (const { bytes } of tensors) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** The tensors of the flat vector, [d]. */
export function floatTensorsOf({ tensors }: ParameterLayout, parameters: Float32Array): StoredTensor[] {
  return tensors.map(({ name, shape, offset, size }) => {
    const bytes = bytesOf(parameters.subarray(offset, offset + size));
    return { name, dtype: 'F32', shape, bytes };
  });
}

/** Whether its numbers are such as training changes. */
export function isFloating({ dtype }: Pick<StoredTensor, 'dtype'>): boolean {
  return dtype in readers;
}

/** As float32, rounded to nearest. The tensor's numbers are floating. */
export function floatsOf({ dtype, bytes }: StoredTensor): Float32Array {
  // as they lie in memory, at a place that a Float32Array may begin at
  if (dtype === 'F32' && isLittleEndian) return new Float32Array(new Uint8Array(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = typeBytes[dtype];
  const read = readers[dtype as keyof typeof readers];
  return Float32Array.from({ length: bytes.length / size }, (_, index) => read(view, index * size));
}

function bytesOf(values: Float32Array): Uint8Array {
  if (isLittleEndian) return new Uint8Array(values.slice().buffer);
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(4 * index, value, true);
  return bytes;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

const readers = {
  F64: (view: DataView, at: number) => view.getFloat64(at, true),
  F32: (view: DataView, at: number) => view.getFloat32(at, true),
  BF16: (view: DataView, at: number) => {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setUint16(2, view.getUint16(at, true), true);
    return bits.getFloat32(0, true);
  },
  F16: (view: DataView, at: number) => readHalf(view.getUint16(at, true)),
};

/** IEEE 754 binary16. */
function readHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function readHeader(bytes: Uint8Array, where: string): { header: object; data: Uint8Array } {
  const length = bytes.length < 8 ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length < 2 || length > mostHeaderBytes) throw invalid(where, 'it does not begin with the length of a header');
  if (8 + length > bytes.length)
    throw invalid(where, `it is cut: its header has ${length} bytes, and ${bytes.length - 8} are there`);
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) {
      return { header, data: bytes.subarray(8 + length) };
    }
  } catch {
    // said below
  }
  throw invalid(where, 'its header is not a JSON object');
}

function readEntry(name: string, entry: unknown, where: string) {
  const { dtype, shape, data_offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !isWholeNumbers(shape) || !isWholeNumbers(data_offsets) || data_offsets.length !== 2)
    throw invalid(where, `the tensor "${name}" has no dtype, shape and data_offsets`);
  if (!Object.hasOwn(typeBytes, dtype)) throw invalid(where, `the tensor "${name}" has numbers of the type "${dtype}"`);
  const [from, to] = data_offsets as [number, number];
  const wanted = elementCount(shape) * typeBytes[dtype as TensorType];
  if (to - from !== wanted)
    throw invalid(where, `the tensor "${name}", ${dtype} [${shape}], needs ${wanted} bytes and has ${to - from}`);
  return { name, dtype: dtype as TensorType, shape, from, to };
}

function isWholeNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function invalid(where: string, problem: string): TributaryError {
  return new TributaryError('MODEL_INVALID', `${where} is not a safetensors file that can be read: ${problem}.`);
}
