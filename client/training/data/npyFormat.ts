/** NumPy's array file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3. */
import { TributaryError } from '../../core/errors.ts';
import { elementCount } from '../layout.ts';
import { bytesOf, decodeNumbers, type NumberType } from './numberTypes.ts';

const magic = Buffer.from('\x93NUMPY', 'latin1');

/** By the letter and the bytes of `descr`. */
const types: Record<string, NumberType> = {
  b1: 'uint8',
  u1: 'uint8',
  i1: 'int8',
  u2: 'uint16',
  i2: 'int16',
  u4: 'uint32',
  i4: 'int32',
  u8: 'uint64',
  i8: 'int64',
  f4: 'float32',
  f8: 'float64',
};

export function isNpy(bytes: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

/** Errors: DATA_INVALID, naming the file and what is wrong with it. */
export function parseNpy(path: string, bytes: Buffer) {
  const lengthBytes = bytes[6] === 1 ? 2 : 4;
  const start = 8 + lengthBytes + (bytes.length < 12 ? Number.NaN : bytes.readUIntLE(8, lengthBytes));
  const header = bytes.toString('latin1', 8 + lengthBytes, start);
  const [, order, descr] = /'descr': '([<>|=])(\w+)'/.exec(header) ?? [];
  const shape = /'shape': \(([\d, ]*)\)/.exec(header)?.[1];
  if (!(start <= bytes.length) || shape === undefined) throw invalid(path, 'has a damaged or incomplete header');
  const type = types[descr ?? ''];
  if (type === undefined) {
    const what = /'descr': ('[^']*'|\[)/.exec(header)?.[1] ?? '';
    throw invalid(
      path,
      `holds the type ${what.replace('[', 'of records')}: save it with .astype('float32') or .astype('uint8')`,
    );
  }
  const extents = shape.split(',').flatMap((extent) => (extent.trim() === '' ? [] : [Number(extent)]));
  if (/'fortran_order': True/.test(header) && extents.length > 1) {
    throw invalid(path, 'is stored column by column: save numpy.ascontiguousarray of it');
  }
  const end = start + bytesOf(type) * elementCount(extents);
  if (bytes.length < end)
    throw invalid(path, `holds ${bytes.length} bytes, but its header asks for ${end}: it is truncated`);
  const values = decodeNumbers(bytes.subarray(start, end), type, order === '>' ? 'BE' : 'LE');
  return { type, extents, values };
}

function invalid(path: string, problem: string): TributaryError {
  return new TributaryError('DATA_INVALID', `${path} ${problem}.`);
}
