/** A TIFF (https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf) of numbers of 16 or 32 bits, uncompressed. */

const sampleFormats = { uint16: 1, int16: 2, float32: 3 } as const;

export function tiff(
  type: keyof typeof sampleFormats,
  [height, width, channels]: readonly [number, number, 1 | 3],
  values: readonly number[],
): Buffer {
  const bits = type === 'float32' ? 32 : 16;
  const pixels = Buffer.alloc((values.length * bits) / 8);
  for (const [i, value] of values.entries()) {
    if (type === 'float32') pixels.writeFloatLE(value, 4 * i);
    else if (type === 'int16') pixels.writeInt16LE(value, 2 * i);
    else pixels.writeUInt16LE(value, 2 * i);
  }
  const directory = 8 + pixels.length;
  const fields: [tag: number, value: number][] = [
    [256, width],
    [257, height],
    [258, bits],
    [259, 1], // uncompressed
    [262, channels === 1 ? 1 : 2], // black is zero; red, green, blue
    [273, 8], // where the pixels begin
    [277, channels],
    [278, height],
    [279, pixels.length],
    [339, sampleFormats[type]],
  ];
  const perChannel = [258, 339];
  const entries = Buffer.alloc(2 + 12 * fields.length + 4);
  const lists = directory + entries.length;
  entries.writeUInt16LE(fields.length, 0);
  for (const [place, [tag, value]] of fields.entries()) {
    const isList = channels === 3 && perChannel.includes(tag);
    const at = 2 + 12 * place;
    entries.writeUInt16LE(tag, at);
    entries.writeUInt16LE(isList ? 3 : 4, at + 2);
    entries.writeUInt32LE(isList ? 3 : 1, at + 4);
    entries.writeUInt32LE(isList ? lists + 6 * perChannel.indexOf(tag) : value, at + 8);
  }
  const ends = Buffer.from(Uint16Array.from([...Array(3).fill(bits), ...Array(3).fill(sampleFormats[type])]).buffer);
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(directory, 4);
  return Buffer.concat([header, pixels, entries, ends]);
}
