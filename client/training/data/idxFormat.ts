/**
 * IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist), QMNIST, Fashion-MNIST and EMNIST: two zero bytes, the type, the
 * number of dimensions, each extent as a big-endian uint32, then the values, big-endian.
 */
import { TributaryError } from '../../core/errors.ts';
import { elementCount } from '../layout.ts';
import { bytesOf, decodeNumbers, type NumberType } from './numberTypes.ts';

const types: Record<number, NumberType> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};
const maxDimensions = 4;

interface Header {
  type: NumberType;
  extents: number[];
  /** Where the values begin and end. */
  start: number;
  end: number;
}

/** Errors: DATA_INVALID, naming the file and what is wrong with it. */
export function parseIdx(path: string, bytes: Buffer) {
  const header = readHeader(bytes);
  if (header === undefined) throw new TributaryError('DATA_INVALID', `${path} ${problemOfStart(bytes)}.`);
  const { type, extents, start, end } = header;
  const isPadded = bytes.length > end && bytes.subarray(end).every((byte) => byte === 0);
  if (bytes.length !== end && !isPadded) {
    throw new TributaryError('DATA_INVALID', `${path} ${problemOfLength(bytes, end)}.`);
  }
  return { type, extents, values: decodeNumbers(bytes.subarray(start, end), type, 'BE') };
}

function readHeader(bytes: Buffer): Header | undefined {
  const type = types[bytes[2] ?? 0];
  const dimensions = bytes[3] ?? 0;
  const start = 4 + 4 * dimensions;
  const isIdx =
    bytes[0] === 0 && bytes[1] === 0 && type !== undefined && dimensions >= 1 && dimensions <= maxDimensions;
  if (!isIdx || bytes.length < start) return undefined;
  const extents = Array.from({ length: dimensions }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  return {
    type,
    extents,
    start,
    end: start + bytesOf(type) * elementCount(extents),
  };
}

function problemOfStart(bytes: Buffer): string {
  if (bytes.length < 4) return `is no IDX file: it has ${bytes.length} bytes`;
  const start = bytes.subarray(0, 4).toString('hex');
  const typeByte = `0x${start.slice(4, 6)}`;
  if (bytes.readUInt16BE(0) !== 0) return `is no IDX or NumPy file: it begins with the bytes ${start}`;
  if (types[bytes[2]!] === undefined) {
    const known = Object.entries(types).map(
      ([byte, name]) => `0x${Number(byte).toString(16).padStart(2, '0')} ${name}`,
    );
    return `is an IDX file of the type ${typeByte}, which is not read: save it as one of ${known.join(', ')}`;
  }
  const dimensions = bytes[3]!;
  if (dimensions < 1 || dimensions > maxDimensions) {
    return `is an IDX file of ${dimensions} dimensions: save it with 1 to ${maxDimensions}`;
  }
  return `is an IDX file of ${bytes.length} bytes, which is too few for its ${dimensions} extents: download it again`;
}

function problemOfLength(bytes: Buffer, end: number): string {
  if (fitsWithoutReturns(bytes)) {
    return 'was changed on its way, as texts are (each byte 0A became 0D 0A): copy it again, as a binary file';
  }
  const has = `holds ${bytes.length} bytes, but its header asks for ${end}`;
  if (bytes.length > end) return `${has}: it is damaged, so download it again`;
  const asText = bytes.includes('\r\n') ? '' : ', or was changed on its way, as texts are (each 0D 0A became 0A)';
  return `${has}: it is truncated${asText}, so copy it again, as a binary file`;
}

/** Whether the file is whole once each 0D 0A is 0A again. */
function fitsWithoutReturns(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  const restored = Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1');
  return !/[^\r]\n/.test(text) && restored.length < bytes.length && readHeader(restored)?.end === restored.length;
}
