import { expect } from 'chai';
import {
  floatsOf,
  isFloating,
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../../client/training/safetensors.ts';
import { errorCodeOf } from './errorCode.ts';

/** A file whose header is this text, and so many bytes behind it. */
function fileOf(header: unknown, data: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const pair = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

describe('a safetensors file', () => {
  const wrong: [what: string, file: Uint8Array, sentence: RegExp][] = [
    ['is empty', new Uint8Array(), /it does not begin with the length of a header/],
    [
      'is a zip',
      new TextEncoder().encode('PK\u0003\u0004 as torch.save writes'),
      /it does not begin with the length of a header/,
    ],
    [
      'is cut in its header',
      fileOf({ pair }, 8).subarray(0, 20),
      /it is cut: its header has \d+ bytes, and 12 are there/,
    ],
    ['is cut in its tensors', fileOf({ pair }, 7), /it is cut: its tensors have 8 bytes, and 7 are there/],
    ['is too long', fileOf({ pair }, 9), /1 bytes stand behind its tensors/],
    ['has no JSON', fileOf('{"pair"', 8), /its header is not a JSON object/],
    ['has another JSON', fileOf([1], 8), /its header is not a JSON object/],
    [
      'lacks a shape',
      fileOf({ pair: { ...pair, shape: undefined } }, 8),
      /the tensor "pair" has no dtype, shape and data_offsets/,
    ],
    ['has a negative shape', fileOf({ pair: { ...pair, shape: [-2] } }, 8), /the tensor "pair" has no dtype, shape/],
    ['has an unknown type', fileOf({ pair: { ...pair, dtype: 'toString' } }, 8), /numbers of the type "toString"/],
    ['has another size', fileOf({ pair: { ...pair, shape: [3] } }, 8), /"pair", F32 \[3\], needs 12 bytes and has 8/],
    ['has a gap', fileOf({ pair: { ...pair, data_offsets: [4, 12] } }, 12), /"pair" begins at byte 4 and not at 0/],
    ['overlaps', fileOf({ pair, other: pair }, 8), /begins at byte 0 and not at 8/],
  ];
  for (const [what, file, sentence] of wrong) {
    it(`that ${what} is refused`, async () => {
      expect(await errorCodeOf(() => readSafetensors(file, 'The file'))).to.equal('MODEL_INVALID');
      expect(() => readSafetensors(file, 'The file')).to.throw(sentence);
      expect(() => readSafetensors(file, 'The file')).to.throw(
        /^The file is not a safetensors file that can be read: .*\.$/,
      );
    });
  }

  it('is read as it was written, in the order of its bytes, wherever it lies in memory', () => {
    const tensors: StoredTensor[] = [
      { name: '10', dtype: 'F32', shape: [2], bytes: new Uint8Array(Float32Array.of(1.5, -2).buffer) },
      { name: '2', dtype: 'I64', shape: [], bytes: new Uint8Array(BigInt64Array.of(7n).buffer) },
      { name: 'empty', dtype: 'F32', shape: [0, 3], bytes: new Uint8Array() },
      { name: '__proto__', dtype: 'U8', shape: [1], bytes: Uint8Array.of(9) },
    ];
    const bytes = writeSafetensors(tensors, { by: 'a test' });
    expect(readSafetensors(bytes, 'It')).to.deep.equal(tensors);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const [first] = readSafetensors(shifted.subarray(3), 'It');
    expect([...floatsOf(first!)]).to.deep.equal([1.5, -2]);
    // a Buffer's slice is a view
    expect([...floatsOf(readSafetensors(Buffer.from(bytes), 'It')[0]!)]).to.deep.equal([1.5, -2]);
  });

  it('has floating numbers of four types, which become float32', () => {
    const of = (dtype: StoredTensor['dtype'], bytes: Uint8Array) => [
      ...floatsOf({ name: 'x', dtype, shape: [], bytes }),
    ];
    // 1, -2, the least and the largest that is not zero, both infinities, half
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x3800);
    const { POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;
    expect(of('F16', new Uint8Array(halves.buffer))).to.deep.equal([1, -2, 2 ** -24, 65504, most, least, 0.5]);
    expect(of('F16', Uint8Array.of(1, 0x7e))[0]).to.deep.equal(Number.NaN);
    expect(of('BF16', new Uint8Array(Uint16Array.of(0x3f80, 0xc040).buffer))).to.deep.equal([1, -3]);
    expect(of('F64', new Uint8Array(Float64Array.of(0.1, -1e300).buffer))).to.deep.equal([Math.fround(0.1), least]);
    expect(['F32', 'I64', 'U8', 'BOOL', 'F8_E4M3'].map((dtype) => isFloating({ dtype: dtype as 'F32' }))).to.deep.equal(
      [true, false, false, false, false],
    );
  });
});
