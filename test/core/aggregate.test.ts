import { expect } from 'chai';
import fc from 'fast-check';
import { aggregate, aggregateModel, equalCommitments } from '../../client/core/aggregate.ts';
import { buildModelTree } from '../../client/core/commitment.ts';
import { merkleRoot } from '../../client/core/merkle.ts';
import { parseRule } from '../../client/core/rules/parseRule.ts';
import { trimCount } from '../../client/core/rules/rule.ts';
import { arbitraryRound, codeOf, fuzzRuns, fuzzTimeout, type Round, updatesOf } from './rounds.ts';

const ruleTexts = ['mean', 'median', 'trimmedMean:0.2', 'trimmedMean:0.45'];
const anyRule = fc.constantFrom(...ruleTexts).map(parseRule);

/** The steps from a model of zeros, in model units: 256 to an update unit. */
function steps(rule: string, values: readonly (readonly number[])[], weights?: readonly number[]): number[] {
  const model = new Int32Array(values[0]!.length);
  return [...aggregate(parseRule(rule), model, updatesOf(values, weights)).model];
}

function column(...values: number[]): number[][] {
  return values.map((value) => [value]);
}

/** The next model, by sorting and by BigInt's arithmetic. */
function naiveModel(rule: ReturnType<typeof parseRule>, { model, values, weights }: Round): bigint[] {
  const trim = trimCount(rule, values.length);
  return [...model].map((parameter, i) => {
    const votes = values.map((row, j) => ({
      value: BigInt(row[i]!),
      weight: BigInt(rule.name === 'mean' ? weights[j]! : 1),
    }));
    const kept = votes.toSorted((a, b) => Number(a.value - b.value)).slice(trim, votes.length - trim);
    const sum = kept.reduce((total, { value, weight }) => total + value * weight, 0n);
    const divisor = kept.reduce((total, { weight }) => total + weight, 0n);
    // floor(256 × sum / divisor + 1/2), moved above zero so that BigInt's truncation is a floor.
    const shift = 10_000_000n;
    const step = (512n * sum + divisor + 2n * divisor * shift) / (2n * divisor) - shift;
    const next = BigInt(parameter) + step;
    const [least, most] = [-(2n ** 31n), 2n ** 31n - 1n];
    return next < least ? least : next > most ? most : next;
  });
}

describe('aggregate', () => {
  it('refuses no updates, a trainer twice, a weight out of range and another dimension', () => {
    const [a, b] = updatesOf([[1], [2]]) as [ReturnType<typeof updatesOf>[0], ReturnType<typeof updatesOf>[0]];
    const model = new Int32Array(1);
    for (const updates of [[], [a, a], [a, { ...b, weight: 0 }], [a, ...updatesOf([[9], [1, 2]]).slice(1)]]) {
      for (const run of [aggregate, aggregateModel]) {
        expect(codeOf(() => run(parseRule('mean'), model, updates))).to.equal('ARGUMENT_INVALID');
      }
    }
  });

  describe('mean', () => {
    it('agrees with a vector computed by hand', () => {
      // (1·1 + 2·2)/3 = 1.6667, (−1 − 4)/3, (32767 − 2·32768)/3 = −10923, (0 + 2·1)/3 = 0.6667
      const values = [
        [1, -1, 32_767, 0],
        [2, -2, -32_768, 1],
      ];
      expect(steps('mean', values, [1, 2])).to.deep.equal([427, -427, -2_796_288, 171]);
    });

    it('rounds halves up, on both sides of zero', () => {
      expect(
        steps(
          'mean',
          [
            [1, -1, 3, -3],
            [0, 0, 0, 0],
          ],
          [1, 511],
        ),
      ).to.deep.equal([1, 0, 2, -1]);
    });

    it('takes a single update as it is, and the largest weights', () => {
      expect(steps('mean', [[5, -32_768, 32_767]], [65_535])).to.deep.equal([1280, -8_388_608, 8_388_352]);
      expect(steps('mean', column(...new Array(40).fill(-32_768)), new Array(40).fill(65_535))).to.deep.equal([
        -8_388_608,
      ]);
    });

    it('gives one Byzantine update no more than its share of the weight', () => {
      const honest = [100, 101, 99, 100, 100];
      const [step] = steps('mean', column(...honest, 32_767), [10, 10, 10, 10, 10, 1]);
      expect(step).to.equal(Math.floor((256 * (5000 + 32_767)) / 51 + 0.5));
    });
  });

  describe('median', () => {
    it('is the middle value of an odd number, the mean of two of an even', () => {
      expect(steps('median', column(5, -3, 1))).to.deep.equal([256]);
      expect(steps('median', column(9, 1, 4, 2))).to.deep.equal([768]);
      expect(steps('median', column(9, 1, 3, 2))).to.deep.equal([640]);
      expect(steps('median', column(-9, -1, -3, -2))).to.deep.equal([-640]);
      expect(steps('median', column(4))).to.deep.equal([1024]);
      expect(steps('median', column(4, 7))).to.deep.equal([1408]);
    });

    it('takes ties and gives no vote to weight', () => {
      expect(steps('median', column(2, 2, 2, 7, -1), [1, 1, 1, 65_535, 65_535])).to.deep.equal([512]);
      expect(steps('median', column(2, 7, 7, 2))).to.deep.equal([1152]);
    });

    it('stays among the honest values whatever one Byzantine update says', () => {
      for (const lie of [-32_768, 32_767]) {
        const [step] = steps('median', column(100, 103, 98, 101, lie));
        expect(step).to.be.within(98 * 256, 103 * 256);
      }
    });
  });

  describe('trimmedMean', () => {
    it('leaves out the share at each end', () => {
      // One of five at each end: (1 + 2 + 4)/3 = 2.3333
      expect(steps('trimmedMean:0.2', column(4, 32_767, 1, -32_768, 2))).to.deep.equal([597]);
      expect(steps('trimmedMean:0.2', column(-4, 32_767, -1, -32_768, -2))).to.deep.equal([-597]);
      // Two of ten, with ties across the cuts: (3 + 3 + 3 + 5 + 8 + 8)/6 = 5
      expect(steps('trimmedMean:0.2', column(8, 3, 8, 3, 9, 3, 3, 5, 8, 1))).to.deep.equal([1280]);
    });

    it('cutting nothing is the unweighted mean', () => {
      fc.assert(
        fc.property(arbitraryRound(9, 70), ({ model, values }) => {
          const updates = updatesOf(values);
          const trimmed = aggregate(parseRule('trimmedMean:0.1'), model, updates);
          expect(trimmed.model).to.deep.equal(aggregate(parseRule('mean'), model, updates).model);
        }),
        fuzzRuns(20),
      );
    }).timeout(fuzzTimeout);

    it('stays among the honest values whatever one Byzantine update says', () => {
      for (const lie of [-32_768, 32_767]) {
        const [step] = steps('trimmedMean:0.2', column(100, 103, 98, 101, lie));
        expect(step).to.be.within(98 * 256, 103 * 256);
      }
    });
  });

  it('agrees with sorting and BigInt arithmetic on random rounds, the model alone too', () => {
    fc.assert(
      fc.property(arbitraryRound(), anyRule, (round, rule) => {
        const updates = updatesOf(round.values, round.weights);
        const { model } = aggregate(rule, round.model, updates);
        expect([...model].map(BigInt)).to.deep.equal(naiveModel(rule, round));
        expect(aggregateModel(rule, round.model, updates)).to.deep.equal(model);
      }),
      fuzzRuns(40),
    );
  }).timeout(fuzzTimeout);

  it('gives the same bytes and roots in every order of inputs', () => {
    const order = fc.array(fc.nat(), { minLength: 36, maxLength: 36 });
    fc.assert(
      fc.property(arbitraryRound(), anyRule, order, ({ model, values, weights }, rule, keys) => {
        const updates = updatesOf(values, weights);
        const shuffled = updates
          .map((update, i) => ({ update, key: keys[i]! }))
          .sort((a, b) => a.key - b.key)
          .map(({ update }) => update);
        const [one, other] = [aggregate(rule, model, updates), aggregate(rule, model, shuffled)];
        expect(other.model).to.deep.equal(one.model);
        expect(other.commitment).to.deep.equal(one.commitment);
        expect(equalCommitments(other.commitment, one.commitment)).to.equal(true);
      }),
      fuzzRuns(30),
    );
  }).timeout(fuzzTimeout);

  it('commits to the model, the inputs, their number and their weight', () => {
    const updates = updatesOf(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [7, 8, 9],
    );
    const model = Int32Array.of(10, 20);
    const { commitment, model: next } = aggregate(parseRule('mean'), model, updates);
    expect([commitment.inputCount, commitment.totalWeight]).to.deep.equal([3, 24]);
    expect(commitment.modelRoot).to.deep.equal(merkleRoot(buildModelTree(next)));
    expect([...model]).to.deep.equal([10, 20]);
    const one = aggregate(
      parseRule('mean'),
      model,
      updatesOf(
        [
          [1, 2],
          [3, 4],
          [5, 7],
        ],
        [7, 8, 9],
      ),
    ).commitment;
    expect(equalCommitments(commitment, one)).to.equal(false);
    expect(equalCommitments(commitment, { ...commitment, totalWeight: 25 })).to.equal(false);
  });

  it('is the same over blocks of chunks as chunk by chunk', () => {
    // 300 chunks: several blocks, the last one partial.
    const values = [1, 2, 3].map((seed) =>
      Array.from({ length: 300 * 64 - 5 }, (_, i) => ((i * seed * 7919) % 65_536) - 32_768),
    );
    const updates = updatesOf(values);
    for (const rule of ruleTexts.map(parseRule)) {
      const whole = aggregate(rule, new Int32Array(values[0]!.length), updates).model;
      for (const chunk of [0, 127, 128, 299]) {
        const range = [chunk * 64, (chunk + 1) * 64] as const;
        const part = updatesOf(values.map((row) => row.slice(...range)));
        const alone = aggregate(rule, new Int32Array(part[0]!.values.length), part).model;
        expect(whole.slice(...range)).to.deep.equal(alone);
      }
    }
  });

  it('keeps the model within 32 bits', () => {
    const model = Int32Array.of(2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 257, 0);
    const { model: next } = aggregate(parseRule('mean'), model, updatesOf([[1, -1, 1, 1]]));
    expect([...next]).to.deep.equal([2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, 256]);
  });
});
