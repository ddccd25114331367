import { expect } from 'chai';
import fc from 'fast-check';
import { encodeUpdate, squaredNorm } from '../../client/core/codec.ts';
import { createRandom } from '../../client/core/random.ts';
import { clipNormForBound, clipToNorm, l2Norm } from '../../client/privacy/clip.ts';

describe('clipToNorm', () => {
  it('refuses a norm that is not above zero', () => {
    for (const norm of [0, -1, Number.NaN]) {
      expect(() => clipToNorm(Float32Array.of(1), norm))
        .to.throw()
        .with.property('code', 'ARGUMENT_INVALID');
    }
  });

  it('scales by the L2 norm, not by its square or the largest coordinate', () => {
    const { update, scale } = clipToNorm(Float32Array.of(3, -4, 12), 6.5);
    expect(scale).to.equal(0.5);
    expect([...update]).to.deep.equal([1.5, -2, 6]);
    expect(clipToNorm(Float32Array.of(0.3, 0.4), 0.25).scale).to.be.closeTo(0.5, 1e-7);
  });

  it('leaves alone what is within the norm, at the norm, and all zeros', () => {
    const update = Float32Array.of(3, 4);
    for (const norm of [5, 7.5, Number.POSITIVE_INFINITY]) {
      expect(clipToNorm(update, norm)).to.deep.equal({ update, scale: 1 });
    }
    expect(clipToNorm(new Float32Array(3), 0.1).scale).to.equal(1);
  });

  it('gives a vector of its own', () => {
    const update = Float32Array.of(3, 4);
    clipToNorm(update, 1).update[0] = 9;
    clipToNorm(update, 10).update[0] = 9;
    expect([...update]).to.deep.equal([3, 4]);
  });

  it('hands NaN on, for the encoder to name', () => {
    expect([...clipToNorm(Float32Array.of(1, Number.NaN), 1).update]).to.deep.equal([1, Number.NaN]);
  });

  it('keeps the direction and reaches the norm', () => {
    const vector = fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(vector, fc.double({ min: 1e-3, max: 10, noNaN: true }), (update, norm) => {
        const clipped = clipToNorm(update, norm);
        expect(l2Norm(clipped.update)).to.be.at.most(norm * (1 + 2 ** -23));
        if (clipped.scale < 1) expect(l2Norm(clipped.update)).to.be.closeTo(norm, norm * 1e-5);
        update.forEach((value, i) => {
          expect(clipped.update[i]).to.equal(Math.fround(value * clipped.scale));
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('clipNormForBound', () => {
  it('leaves room for the rounding of every coordinate', () => {
    expect(clipNormForBound(1000 ** 2, 100)).to.be.closeTo(990 / 65_536, 1e-8);
    expect(() => clipNormForBound(100, 100))
      .to.throw(/100 coordinates/)
      .with.property('code', 'ARGUMENT_INVALID');
  });

  it('keeps every encoded update within the bound, which clipping to the bound itself does not', () => {
    const dimension = 2000;
    const maxSquaredNorm = 200_000;
    const bound = Math.sqrt(maxSquaredNorm) / 65_536;
    let beyond = 0;
    for (let seed = 0; seed < 20; seed++) {
      const random = createRandom('clip', seed);
      const update = Float32Array.from({ length: dimension }, () => random.normal());
      const normOf = (maxNorm: number) => squaredNorm(encodeUpdate(clipToNorm(update, maxNorm).update, random).values);
      expect(normOf(clipNormForBound(maxSquaredNorm, dimension))).to.be.at.most(maxSquaredNorm);
      if (normOf(bound) > maxSquaredNorm) beyond++;
    }
    expect(beyond).to.be.above(10);
  });
});
