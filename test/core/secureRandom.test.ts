import { expect } from 'chai';
import { createSecureRandom } from '../../client/core/secureRandom.ts';

/** Largest distance of the sorted values' shares from the distribution function (Kolmogorov and Smirnov). */
function distance(values: Float32Array, share: (value: number) => number): number {
  const sorted = values.toSorted();
  return sorted.reduce(
    (largest, value, place) =>
      Math.max(
        largest,
        Math.abs(share(value) - place / sorted.length),
        Math.abs(share(value) - (place + 1) / sorted.length),
      ),
    0,
  );
}

/** Of the standard normal distribution, to 1e-7 (Abramowitz and Stegun, 7.1.26). */
function normalShare(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const error = 1 - tail * Math.exp(-z * z);
  return x < 0 ? (1 - error) / 2 : (1 + error) / 2;
}

describe("the operating system's random numbers", () => {
  it('are normal where they are to be, of the deviation asked for, in an array of any length', () => {
    const values = new Float32Array(100_001);
    createSecureRandom().fillNormal(values, 3);
    // a false alarm once in ten million runs
    expect(distance(values, (value) => normalShare(value / 3))).to.be.below(2.9 / Math.sqrt(values.length));
  });

  it('are uniform, and never the same twice', () => {
    const random = createSecureRandom();
    const values = Float32Array.from({ length: 100_000 }, () => random.float());
    expect(distance(values, (value) => value)).to.be.below(2.9 / Math.sqrt(values.length));
    const again = createSecureRandom();
    expect(Array.from({ length: 8 }, () => again.uint32())).not.to.deep.equal(
      Array.from({ length: 8 }, () => createSecureRandom().uint32()),
    );
  });
});
