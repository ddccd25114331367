import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeModel,
  decodeUpdate,
  encodeModel,
  encodeUpdate,
  modelFromBytes,
  modelToBytes,
  squaredNorm,
  updateFromBytes,
  updateToBytes,
} from '../../client/core/codec.ts';
import { createRandom } from '../../client/core/random.ts';
import { codeOf, fuzzRuns, fuzzTimeout } from './rounds.ts';

const unit = 2 ** -16;

describe('encodeUpdate', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`refuses ${value} and names its coordinate`, () => {
      const encode = () => encodeUpdate(Float32Array.of(0, 0.25, value, 0), createRandom(1));
      expect(encode)
        .to.throw(/Coordinate 2 /)
        .with.property('code', 'ENCODING_NOT_FINITE');
    });
  }

  it('cuts what is out of range and counts it', () => {
    const { values, saturated } = encodeUpdate(Float32Array.of(0.5, -0.5, 3e38, -0.75, 0.25), createRandom(1));
    expect([...values]).to.deep.equal([32_767, -32_768, 32_767, -32_768, 16_384]);
    expect(saturated).to.equal(3);
  });

  it('keeps whole units as they are', () => {
    const update = Float32Array.from([-32_768, -3, -1, 0, 1, 2, 32_767], (value) => value * unit);
    expect([...encodeUpdate(update, createRandom(2)).values]).to.deep.equal([-32_768, -3, -1, 0, 1, 2, 32_767]);
  });

  it('rounds to one of the two neighbours, without bias', () => {
    const count = 40_000;
    for (const value of [0.25, -0.25, 2.9, -7.1, 0.001]) {
      const { values } = encodeUpdate(new Float32Array(count).fill(value * unit), createRandom('bias', value));
      expect(new Set(values)).to.deep.equal(new Set([Math.floor(value), Math.ceil(value)]));
      const share = value - Math.floor(value);
      const standardError = Math.sqrt((share * (1 - share)) / count);
      const mean = values.reduce((sum, each) => sum + each, 0) / count;
      expect(Math.abs(mean - value), `mean of ${value}`).to.be.below(5 * standardError);
    }
  });

  it('gives the same integers for the same seed, others for another', () => {
    const update = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) / 10);
    const encode = (seed: number) => encodeUpdate(update, createRandom(seed)).values;
    expect(encode(3)).to.deep.equal(encode(3));
    expect(encode(3)).not.to.deep.equal(encode(4));
  });

  it('is inverted by decodeUpdate to less than a unit', () => {
    const update = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i) / 2.1);
    const decoded = decodeUpdate(encodeUpdate(update, createRandom(5)).values);
    update.forEach((value, i) => {
      expect(Math.abs(decoded[i]! - value)).to.be.below(unit);
    });
  });
});

describe('encodeModel', () => {
  it('refuses NaN and names its coordinate', () => {
    expect(() => encodeModel(Float32Array.of(1, Number.NaN)))
      .to.throw(/Coordinate 1 of the model/)
      .with.property('code', 'ENCODING_NOT_FINITE');
  });

  it('rounds to the nearest unit and cuts to ±128', () => {
    const model = Float32Array.of(1, -1, 2 ** -24, 0.4 * 2 ** -24, -0.6 * 2 ** -24, 200, -200);
    const units = [2 ** 24, -(2 ** 24), 1, 0, -1, 2 ** 31 - 1, -(2 ** 31)];
    expect([...encodeModel(model)]).to.deep.equal(units);
  });

  it('is inverted by decodeModel', () => {
    const model = Float32Array.of(0.5, -1.25, 0, 3.0000002384185791);
    expect(decodeModel(encodeModel(model))).to.deep.equal(model);
  });
});

describe('bytes', () => {
  it('are big-endian two’s complement, filled to whole chunks with zeros', () => {
    const update = updateToBytes(Int16Array.of(1, -2, 32_767));
    expect(update).to.have.length(128);
    expect([...update.subarray(0, 8)]).to.deep.equal([0, 1, 0xff, 0xfe, 0x7f, 0xff, 0, 0]);
    const model = modelToBytes(Int32Array.of(1, -2));
    expect(model).to.have.length(256);
    expect([...model.subarray(0, 12)]).to.deep.equal([0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0]);
  });

  it('come back as the values they were', () => {
    const update = fc.int16Array({ minLength: 1, maxLength: 200 });
    const model = fc.int32Array({ minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(update, model, (u, m) => {
        expect(updateFromBytes(updateToBytes(u), u.length)).to.deep.equal(u);
        expect(modelFromBytes(modelToBytes(m), m.length)).to.deep.equal(m);
      }),
      fuzzRuns(50),
    );
  }).timeout(fuzzTimeout);

  it('may start anywhere in their buffer', () => {
    const bytes = new Uint8Array(1 + 128);
    bytes.set(updateToBytes(Int16Array.of(-5, 6)), 1);
    expect([...updateFromBytes(bytes.subarray(1), 2)]).to.deep.equal([-5, 6]);
  });

  it('are refused when too short, too long, or filled with anything but zeros', () => {
    const bytes = updateToBytes(Int16Array.of(1, 2, 3));
    expect(codeOf(() => updateFromBytes(bytes.subarray(1), 3))).to.equal('ARGUMENT_INVALID');
    expect(codeOf(() => updateFromBytes(new Uint8Array(256), 3))).to.equal('ARGUMENT_INVALID');
    bytes[127] = 1;
    expect(() => updateFromBytes(bytes, 3)).to.throw(/Byte 127.*must be zero/);
    expect(codeOf(() => updateFromBytes(bytes, 64))).to.equal(undefined);
    const model = modelToBytes(Int32Array.of(1));
    model[4] = 1;
    expect(() => modelFromBytes(model, 1)).to.throw(/Byte 4.*must be zero/);
    expect(codeOf(() => modelFromBytes(model, 65))).to.equal('ARGUMENT_INVALID');
  });
});

describe('squaredNorm', () => {
  it('is the sum of the squares', () => {
    expect(squaredNorm(Int16Array.of(3, -4, 12))).to.equal(169);
    expect(squaredNorm(new Int16Array(100_000).fill(-32_768))).to.equal(100_000 * 2 ** 30);
  });
});
