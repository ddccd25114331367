/** Whether a round can be settled at all. */
import { validateArgument } from '../errors.ts';
import type { RoundScores } from './roundScores.ts';

/** Errors: ARGUMENT_INVALID. */
export function validateRound({ trainers, evaluators, terms, aggregatorPlace, accounts, previous }: RoundScores): void {
  validateArgument(
    previous.length <= accounts,
    `There were ${previous.length} accounts before the round: there cannot be ${accounts} after it.`,
  );
  const shares = terms.aggregatorBasisPoints + terms.evaluatorBasisPoints;
  validateArgument(
    [terms.aggregatorBasisPoints, terms.evaluatorBasisPoints].every((part) => Number.isInteger(part) && part >= 0) &&
      shares <= 10_000,
    `Aggregators and evaluators get ${shares} of 10000 basis points: give both together at most 10000, as integers.`,
  );
  validateArgument(terms.rewardGwei >= 0n && terms.availableGwei >= 0n, 'A reward below zero cannot be paid.');
  trainers.forEach(({ place, trainer, stakeTokens }, index) => {
    requireAccount(trainer, place, accounts);
    requireStake(trainer, stakeTokens);
    const before = trainers[index - 1];
    validateArgument(
      before === undefined || before.place < place,
      `Sort the trainers by place: ${trainer} is not in its order.`,
    );
  });
  const seen = new Set<string>();
  for (const { evaluator, place, stakeTokens, scores } of evaluators) {
    if (place !== undefined) requireAccount(evaluator, place, accounts);
    requireStake(evaluator, stakeTokens);
    validateArgument(
      scores.length === trainers.length,
      `Evaluator ${evaluator} has ${scores.length} scores for ${trainers.length} trainers: it must be left out.`,
    );
    validateArgument(!seen.has(evaluator.toLowerCase()), `Evaluator ${evaluator} is there twice.`);
    seen.add(evaluator.toLowerCase());
  }
  if (aggregatorPlace !== undefined) requireAccount('The aggregator', aggregatorPlace, accounts);
}

function requireAccount(who: string, place: number, accounts: number): void {
  const inside = Number.isInteger(place) && place >= 0 && place < accounts;
  validateArgument(inside, `${who} has place ${place}, but there are ${accounts} accounts.`);
}

function requireStake(who: string, stakeTokens: bigint): void {
  validateArgument(stakeTokens >= 0n, `The stake of ${who} is below zero.`);
}
