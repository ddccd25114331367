import { expect } from 'chai';
import fc from 'fast-check';
import { clamp, findCuts } from '../../../client/core/rules/trimmedMean.ts';
import { arbitraryRound, fuzzRuns, fuzzTimeout } from '../rounds.ts';

describe('findCuts', () => {
  it('gives the (k+1)th smallest and the (k+1)th largest of each coordinate', () => {
    const updates = [
      [5, -7],
      [1, 0],
      [9, -7],
      [3, 2],
      [7, 32_767],
    ].map((row) => Int16Array.from(row));
    expect(findCuts(updates, 0, 2)).to.deep.equal({ low: Int16Array.of(1, -7), high: Int16Array.of(9, 32_767) });
    expect(findCuts(updates, 1, 2)).to.deep.equal({ low: Int16Array.of(3, -7), high: Int16Array.of(7, 2) });
    expect(findCuts(updates, 2, 2)).to.deep.equal({ low: Int16Array.of(5, 0), high: Int16Array.of(5, 0) });
  });

  it('has the sum of the kept values as Σ clamp − k·(low + high), and cuts that counting confirms', () => {
    fc.assert(
      fc.property(arbitraryRound(40, 5), fc.nat(), ({ values }, seed) => {
        const trim = seed % (Math.floor((values.length - 1) / 2) + 1);
        const { low, high } = findCuts(
          values.map((row) => Int16Array.from(row)),
          trim,
          values[0]!.length,
        );
        values[0]!.forEach((_, i) => {
          const column = values.map((row) => row[i]!);
          const [bottom, top] = [low[i]!, high[i]!];
          const kept = column.toSorted((a, b) => a - b).slice(trim, column.length - trim);
          const clamped = column.reduce((sum, value) => sum + clamp(value, bottom, top), 0);
          expect(clamped - trim * (bottom + top)).to.equal(kept.reduce((sum, value) => sum + value, 0));
          const count = (test: (value: number) => boolean) => column.filter(test).length;
          expect(count((value) => value < bottom)).to.be.at.most(trim);
          expect(count((value) => value <= bottom)).to.be.above(trim);
          expect(count((value) => value > top)).to.be.at.most(trim);
          expect(count((value) => value >= top)).to.be.above(trim);
        });
      }),
      fuzzRuns(60),
    );
  }).timeout(fuzzTimeout);
});
