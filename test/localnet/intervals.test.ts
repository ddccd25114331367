import { expect } from 'chai';
import fc from 'fast-check';
import { unionSeconds } from '../../client/localnet/intervals.ts';

const interval = (startedAt: number, endedAt: number) => ({ startedAt, endedAt });

describe('the union of intervals', () => {
  it('of no intervals is zero', () => {
    expect(unionSeconds([])).to.equal(0);
  });

  it('counts what overlaps once, and leaves gaps out', () => {
    expect(unionSeconds([interval(5, 7), interval(0, 2), interval(1, 3), interval(6, 6.5)])).to.equal(5);
  });

  it('is the number of whole seconds that some interval covers, in any order', () => {
    const spans = fc.array(fc.tuple(fc.nat(40), fc.nat(10)), { maxLength: 12 });
    fc.assert(
      fc.property(spans, (pairs) => {
        const covered = new Set(pairs.flatMap(([start, length]) => Array.from({ length }, (_, i) => start + i)));
        expect(unionSeconds(pairs.map(([start, length]) => interval(start, start + length)))).to.equal(covered.size);
      }),
    );
  });
});
