import { expect } from 'chai';
import fc from 'fast-check';
import { lowerMedian, type Weighted, weightedLowerMedian } from '../../../client/core/rewards/median.ts';
import { codeOf, fuzzRuns, fuzzTimeout } from '../rounds.ts';

const weightedOf = (...pairs: readonly [number, bigint][]): Weighted[] =>
  pairs.map(([value, weight]) => ({ value, weight }));

const value = fc.oneof(fc.integer({ min: -32_768, max: 32_767 }), fc.integer({ min: -2, max: 2 }));
const weighted = fc.record({ value, weight: fc.bigInt({ min: 0n, max: 9n }) });

describe('lowerMedian', () => {
  it('refuses no values', () => {
    expect(codeOf(() => lowerMedian([]))).to.equal('ARGUMENT_INVALID');
  });

  it('takes the lower of two in the middle', () => {
    expect(lowerMedian([5])).to.equal(5);
    expect(lowerMedian([7, 5])).to.equal(5);
    expect(lowerMedian([9, -3, 4])).to.equal(4);
    expect(lowerMedian([9, 100, -3, 4])).to.equal(4);
  });

  it('has the rank that contracts count', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
        const median = lowerMedian(values);
        expect(2 * values.filter((other) => other < median).length).to.be.below(values.length);
        expect(2 * values.filter((other) => other <= median).length).to.be.at.least(values.length);
      }),
      fuzzRuns(200),
    );
  }).timeout(fuzzTimeout);
});

describe('weightedLowerMedian', () => {
  it('refuses weights below zero', () => {
    expect(codeOf(() => weightedLowerMedian(weightedOf([1, 5n], [2, -1n])))).to.equal('ARGUMENT_INVALID');
  });

  it('is zero where nothing has weight', () => {
    expect(weightedLowerMedian([])).to.equal(0);
    expect(weightedLowerMedian(weightedOf([9, 0n], [8, 0n]))).to.equal(0);
  });

  it('goes where half of the weight is reached', () => {
    expect(weightedLowerMedian(weightedOf([9, 1n], [1, 1n], [5, 1n]))).to.equal(5);
    expect(weightedLowerMedian(weightedOf([9, 3n], [1, 1n], [5, 1n]))).to.equal(9);
    // exactly half
    expect(weightedLowerMedian(weightedOf([9, 2n], [1, 1n], [5, 1n]))).to.equal(5);
    expect(weightedLowerMedian(weightedOf([-9, 2n ** 63n], [1, 2n ** 63n]))).to.equal(-9);
    // one more than half, beyond the precision of a float
    expect(weightedLowerMedian(weightedOf([-9, 2n ** 63n - 1n], [1, 2n ** 63n + 1n]))).to.equal(1);
    expect(weightedLowerMedian(weightedOf([-9, 0n], [4, 1n]))).to.equal(4);
  });

  it('is the median of values repeated as often as they weigh, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(weighted, { minLength: 1, maxLength: 12 }), (values) => {
        const repeated = values.flatMap((item) => new Array<number>(Number(item.weight)).fill(item.value));
        fc.pre(repeated.length > 0);
        expect(weightedLowerMedian(values)).to.equal(lowerMedian(repeated));
        expect(weightedLowerMedian([...values].reverse())).to.equal(lowerMedian(repeated));
      }),
      fuzzRuns(300),
    );
  }).timeout(fuzzTimeout);

  it('stays among the honest values while the others hold less than half', () => {
    const honest = fc.array(fc.record({ value, weight: fc.bigInt({ min: 1n, max: 9n }) }), {
      minLength: 1,
      maxLength: 8,
    });
    let attacked = 0;
    fc.assert(
      fc.property(honest, fc.array(weighted, { maxLength: 8 }), (good, bad) => {
        const stakeOf = (items: readonly Weighted[]) => items.reduce((sum, { weight }) => sum + weight, 0n);
        fc.pre(stakeOf(bad) < stakeOf(good));
        attacked += stakeOf(bad) > 0n ? 1 : 0;
        const median = weightedLowerMedian([...bad, ...good]);
        const values = good.map((item) => item.value);
        expect(median).to.be.within(Math.min(...values), Math.max(...values));
      }),
      fuzzRuns(300),
    );
    expect(attacked).to.be.above(0);
  }).timeout(fuzzTimeout);
});
