import { expect } from 'chai';
import fc from 'fast-check';
import {
  chunkCount,
  maxInputs,
  maxWeight,
  roundedStep,
  saturateInt16,
  saturateInt32,
  treeDepth,
  updateBias,
} from '../../client/core/numbers.ts';
import { fuzzRuns, fuzzTimeout } from './rounds.ts';

/** The step of a plain, unbiased sum. */
function step(sum: number, divisor: number): number {
  return roundedStep(sum + divisor * updateBias, divisor);
}

describe('roundedStep', () => {
  it('agrees with steps computed by hand', () => {
    expect(step(0, 1)).to.equal(0);
    expect(step(1, 1)).to.equal(256);
    expect(step(-1, 1)).to.equal(-256);
    expect(step(5, 3)).to.equal(427); // 426.67
    expect(step(-5, 3)).to.equal(-427);
    expect(step(1, 3)).to.equal(85); // 85.33
    expect(step(-1, 3)).to.equal(-85);
    expect(step(-32_768, 1)).to.equal(-8_388_608);
    expect(step(32_767, 1)).to.equal(8_388_352);
  });

  it('rounds halves up, towards +∞, on both sides of zero', () => {
    expect(step(1, 512)).to.equal(1); // 0.5
    expect(step(-1, 512)).to.equal(0); // −0.5
    expect(step(3, 512)).to.equal(2); // 1.5
    expect(step(-3, 512)).to.equal(-1); // −1.5
  });

  it('is exact for the largest sums that a round can have', () => {
    const divisor = fc.oneof(
      fc.integer({ min: 1, max: maxInputs * maxWeight }),
      fc.integer({ min: 1, max: 1024 }),
      fc.integer({ min: 1, max: maxInputs }).map((inputs) => inputs * maxWeight),
    );
    const cases = divisor.chain((d) => fc.tuple(fc.integer({ min: 0, max: d * 65_535 }), fc.constant(d)));
    fc.assert(
      fc.property(cases, ([biasedSum, d]) => {
        const [sum, whole] = [BigInt(biasedSum) - BigInt(d) * 32_768n, BigInt(d)];
        // floor(256 × sum / d + 1/2), moved above zero so that BigInt's truncation is a floor.
        const shift = 10_000_000n;
        const expected = (512n * sum + whole + 2n * whole * shift) / (2n * whole) - shift;
        expect(roundedStep(biasedSum, d)).to.equal(Number(expected));
      }),
      fuzzRuns(2_000),
    );
  }).timeout(fuzzTimeout);
});

describe('saturation', () => {
  it('cuts to the range and leaves what is inside it', () => {
    expect([-32_769, -32_768, -1, 32_767, 32_768].map(saturateInt16)).to.deep.equal([
      -32_768, -32_768, -1, 32_767, 32_767,
    ]);
    expect([-(2 ** 31) - 1, -(2 ** 31), 7, 2 ** 31 - 1, 2 ** 31].map(saturateInt32)).to.deep.equal([
      -(2 ** 31),
      -(2 ** 31),
      7,
      2 ** 31 - 1,
      2 ** 31 - 1,
    ]);
  });
});

describe('sizes', () => {
  it('counts chunks of 64 coordinates', () => {
    expect([1, 63, 64, 65, 128, 1_663_370].map(chunkCount)).to.deep.equal([1, 1, 1, 2, 2, 25_991]);
  });

  it('gives the depth of the smallest tree', () => {
    expect([1, 2, 3, 4, 5, 8, 9, 25_991].map(treeDepth)).to.deep.equal([0, 1, 2, 2, 3, 3, 4, 15]);
  });
});
