/** Files of numbers for tests, written value by value. */

const idxTypes = { uint8: 8, int8: 9, int16: 11, int32: 12, float32: 13, float64: 14 } as const;

export function idx(type: keyof typeof idxTypes, extents: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * extents.length);
  header[2] = idxTypes[type];
  header[3] = extents.length;
  for (const [axis, extent] of extents.entries()) header.writeUInt32BE(extent, 4 + 4 * axis);
  return Buffer.concat([header, ...values.map((value) => numberBytes(type, value, false))]);
}

const npyTypes = {
  u1: 'uint8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u8: 'uint64',
  f4: 'float32',
  f8: 'float64',
} as const;

/** `descr` as NumPy writes it: `<` little-endian, `>` big-endian, `|` neither. */
export function npy(descr: string, shape: readonly number[], values: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`.padEnd(117);
  const start = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  const type = npyTypes[descr.slice(1) as keyof typeof npyTypes];
  const numbers = values.map((value) => numberBytes(type, value, !descr.startsWith('>')));
  return Buffer.concat([start, Buffer.from(`${header}\n`, 'latin1'), ...numbers]);
}

function numberBytes(type: string, value: number, isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(Number(/\d+/.exec(type)) / 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (type === 'float32') view.setFloat32(0, value, isLittle);
  else if (type === 'float64') view.setFloat64(0, value, isLittle);
  else if (bytes.length === 8) view.setBigInt64(0, BigInt(value), isLittle);
  else if (bytes.length === 4) view.setInt32(0, value, isLittle);
  else if (bytes.length === 2) view.setInt16(0, value, isLittle);
  else view.setUint8(0, value);
  return bytes;
}
