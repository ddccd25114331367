/** Scored rounds made up for tests. */
import fc from 'fast-check';
import { keccak256 } from '../../../client/core/hash.ts';
import type { EvaluatorReveal, RoundScores, ScoredTrainer } from '../../../client/core/rewards/roundScores.ts';
import { scoresRoot } from '../../../client/core/rewards/scores.ts';
import { addressOf } from '../rounds.ts';

/** The evaluator at a place: the lower the place the lower the address. */
export function revealOf(place: number, stakeTokens: bigint, scores: readonly number[]): EvaluatorReveal {
  const salt = keccak256(Uint8Array.of(place));
  const values = Int16Array.from(scores);
  const root = scoresRoot(salt, values);
  return { evaluator: addressOf(place), place, salt, scoresRoot: root, stakeTokens, scores: values };
}

export function trainerOf(place: number, inputIndex: number, stakeTokens: bigint): ScoredTrainer {
  return { place, inputIndex, trainer: addressOf(place), stakeTokens };
}

/**
 * The scores are 6, 0 and 2: of 7 staked, the lower 2, 3 and 2 are not half. Around their middle, 2, they spread by 6; the
 * distances of the evaluators are 5, 3 and 10.
 */
export const smallRound: RoundScores = {
  round: 7,
  trainers: [trainerOf(0, 2, 10n), trainerOf(1, 0, 20n), trainerOf(3, 1, 30n)],
  evaluators: [revealOf(1, 2n, [4, 0, -1]), revealOf(2, 3n, [8, -1, 2]), revealOf(4, 2n, [6, 10, 2])],
  terms: { rewardGwei: 1001n, availableGwei: 5000n, aggregatorBasisPoints: 500, evaluatorBasisPoints: 1500 },
  aggregatorPlace: 3,
  accounts: 5,
  previous: [
    { cumulativeGwei: 100n, reputation: 8 },
    { cumulativeGwei: 5n, reputation: 60_001 },
    { cumulativeGwei: 0n, reputation: 0 },
    { cumulativeGwei: 7n, reputation: 65_535 },
  ],
};

const score = fc.oneof(
  fc.integer({ min: -32_768, max: 32_767 }),
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom(-32_768, 0, 32_767),
);
const gwei = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 62n }), fc.bigInt({ min: 0n, max: 12n }));
const balance = fc.record({
  cumulativeGwei: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  reputation: fc.integer({ min: 0, max: 65_535 }),
});

/** Trainers at every second place or so, evaluators among them; ties, nothing at stake and an empty pool are all likely. */
export function arbitraryScores(maxTrainers = 20, maxEvaluators = 7): fc.Arbitrary<RoundScores> {
  const sizes = fc.record({
    trainers: fc.integer({ min: 0, max: maxTrainers }),
    evaluators: fc.integer({ min: 0, max: maxEvaluators }),
    newAccounts: fc.integer({ min: 0, max: 3 }),
  });
  return sizes.chain(({ trainers, evaluators, newAccounts }) => {
    const accounts = 2 * trainers + evaluators + 1;
    return fc.record({
      round: fc.integer({ min: 1, max: 1000 }),
      trainers: fc.tuple(
        ...Array.from({ length: trainers }, (_, i) => gwei.map((stake) => trainerOf(2 * i, i, stake))),
      ),
      evaluators: fc.tuple(
        ...Array.from({ length: evaluators }, (_, i) =>
          fc
            .tuple(gwei, fc.array(score, { minLength: trainers, maxLength: trainers }))
            .map(([stake, scores]) => revealOf(trainers + i, stake, scores)),
        ),
      ),
      terms: fc.record({
        rewardGwei: gwei,
        availableGwei: gwei,
        aggregatorBasisPoints: fc.integer({ min: 0, max: 5000 }),
        evaluatorBasisPoints: fc.integer({ min: 0, max: 5000 }),
      }),
      aggregatorPlace: fc.option(fc.integer({ min: 0, max: accounts - 1 }), { nil: undefined }),
      accounts: fc.constant(accounts + newAccounts),
      previous: fc.array(balance, { minLength: accounts, maxLength: accounts }),
    });
  });
}
