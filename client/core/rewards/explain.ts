/** Every number that led to what an account earned in a round, in the order in which each follows from those before. */
import { newBalance } from './balances.ts';
import { contributionOf, type SettledEvaluator, type SettledTrainer, type Settlement, totalGwei } from './settle.ts';

/** One number behind a reward. */
export interface ExplanationLine {
  name: string;
  value: bigint | number;
  unit: 'gwei' | 'tokens' | 'score' | 'tokens × score' | 'tokens × distance' | 'distance' | 'reputation';
  /** Where it comes from: a reading, or the calculation with its numbers. */
  from: string;
}

/** Why an account has earned in a round what it has: line by line, and all of it. `place` is the account's place in the balances. */
export interface Explanation {
  round: number;
  place: number;
  lines: readonly ExplanationLine[];
  earnedGwei: bigint;
}

const noEarnings = { trainerGwei: 0n, evaluatorGwei: 0n, feeGwei: 0n };

/** What it earned as a trainer, as an evaluator and as the round's aggregator; lines only of what it was, and of scores that are there. */
export function explainReward(settlement: Settlement, place: number): Explanation {
  const earned = settlement.earnings.get(place) ?? noEarnings;
  const trainer = settlement.entries.findIndex((entry) => entry.place === place);
  const evaluator = settlement.evaluators.find((listed) => listed.place === place);
  const lines = [
    ...explainPool(settlement),
    ...(trainer < 0 ? [] : explainTrainer(settlement, trainer, earned.trainerGwei)),
    ...(evaluator === undefined ? [] : explainEvaluator(settlement, evaluator, earned.evaluatorGwei)),
    ...(settlement.aggregatorPlace === place ? [explainFee(settlement)] : []),
    ...explainBalance(settlement, place, totalGwei(earned)),
  ];
  return { round: settlement.round, place, lines, earnedGwei: totalGwei(earned) };
}

function explainPool({ terms, paidGwei }: Settlement): ExplanationLine[] {
  const from = `the smaller of ${terms.rewardGwei} and ${terms.availableGwei}`;
  return [
    { name: 'reward of a round', value: terms.rewardGwei, unit: 'gwei', from: 'parameter of the rewards' },
    { name: 'left in the pool', value: terms.availableGwei, unit: 'gwei', from: 'the chain' },
    { name: 'paid for the round', value: paidGwei, unit: 'gwei', from },
  ];
}

function explainTrainer(settlement: Settlement, index: number, earnedGwei: bigint): ExplanationLine[] {
  const { entries, evaluators, contribution, terms, paidGwei, trainerPotGwei } = settlement;
  const entry = entries[index]!;
  const own = contributionOf(entry);
  const shares = `${terms.aggregatorBasisPoints} and ${terms.evaluatorBasisPoints} of 10000`;
  const pot =
    contribution === 0n ? 'no trainer has a score above zero' : `${paidGwei} less ${shares}, each rounded down`;
  return [
    ...evaluators.filter(({ scores }) => index < scores.length).map((evaluator) => explainScore(evaluator, index)),
    {
      name: 'score',
      value: entry.score,
      unit: 'score',
      from: 'median of these scores, each with its stake as its weight',
    },
    {
      name: 'stake as a trainer',
      value: entry.stakeTokens,
      unit: 'tokens',
      from: 'the chain, when the round was proposed',
    },
    { name: 'contribution', value: own, unit: 'tokens × score', from: `${entry.stakeTokens} × max(0, ${entry.score})` },
    {
      name: 'contribution of all',
      value: contribution,
      unit: 'tokens × score',
      from: `sum over ${entries.length} trainers`,
    },
    { name: 'pot of the trainers', value: trainerPotGwei, unit: 'gwei', from: pot },
    { name: 'earned as a trainer', value: earnedGwei, unit: 'gwei', from: share(trainerPotGwei, own, contribution) },
  ];
}

function explainScore({ evaluator, stakeTokens, scores }: SettledEvaluator, index: number): ExplanationLine {
  const from = `revealed by the evaluator, which has ${stakeTokens} tokens at stake`;
  return { name: `score by ${evaluator}`, value: scores[index]!, unit: 'score', from };
}

function explainEvaluator(settlement: Settlement, listed: SettledEvaluator, earnedGwei: bigint): ExplanationLine[] {
  const { entries, evaluators, middle, spread, agreement, terms, paidGwei, evaluatorPotGwei } = settlement;
  const own = listed.stakeTokens * listed.agreement;
  const pot = agreement === 0n ? 'no evaluator agrees' : `${paidGwei} × ${terms.evaluatorBasisPoints} / 10000`;
  const scored = `sum over ${entries.length} trainers of`;
  return [
    {
      name: 'middle of the scores',
      value: middle,
      unit: 'score',
      from: `median of the scores of ${entries.length} trainers`,
    },
    { name: 'spread of the scores', value: spread, unit: 'distance', from: `${scored} |score − ${middle}|` },
    { name: 'distance', value: listed.distance, unit: 'distance', from: `${scored} |its score − the score|` },
    { name: 'agreement', value: listed.agreement, unit: 'distance', from: `max(0, ${spread} − ${listed.distance})` },
    {
      name: 'stake as an evaluator',
      value: listed.stakeTokens,
      unit: 'tokens',
      from: 'the chain, when the round was proposed',
    },
    {
      name: 'weighted agreement',
      value: own,
      unit: 'tokens × distance',
      from: `${listed.stakeTokens} × ${listed.agreement}`,
    },
    {
      name: 'weighted agreement of all',
      value: agreement,
      unit: 'tokens × distance',
      from: `sum over ${evaluators.length} evaluators`,
    },
    { name: 'pot of the evaluators', value: evaluatorPotGwei, unit: 'gwei', from: pot },
    { name: 'earned as an evaluator', value: earnedGwei, unit: 'gwei', from: share(evaluatorPotGwei, own, agreement) },
  ];
}

function explainFee({ terms, paidGwei, feeGwei }: Settlement): ExplanationLine {
  const from = `${paidGwei} × ${terms.aggregatorBasisPoints} / 10000`;
  return { name: 'earned as the aggregator', value: feeGwei, unit: 'gwei', from };
}

function explainBalance(settlement: Settlement, place: number, earnedGwei: bigint): ExplanationLine[] {
  const before = settlement.previous[place] ?? newBalance;
  const after = settlement.balances[place] ?? newBalance;
  const entry = settlement.entries.find((listed) => listed.place === place);
  return [
    { name: 'earned in the round', value: earnedGwei, unit: 'gwei', from: 'sum of what it earned above' },
    { name: 'earned before', value: before.cumulativeGwei, unit: 'gwei', from: 'the statement before' },
    {
      name: 'earned until now',
      value: after.cumulativeGwei,
      unit: 'gwei',
      from: `${before.cumulativeGwei} + ${earnedGwei}`,
    },
    {
      name: 'reputation',
      value: after.reputation,
      unit: 'reputation',
      from: reputationOrigin(before.reputation, entry, settlement.middle),
    },
  ];
}

function reputationOrigin(before: number, entry: SettledTrainer | undefined, middle: number): string {
  if (entry === undefined) return `${before}, as it was: no score`;
  if (middle <= 0) return `${before}, as it was: the middle of the scores is not above zero`;
  return `an eighth of the way from ${before} to min(65535, 65535 × max(0, ${entry.score}) / ${middle})`;
}

function share(pot: bigint, part: bigint, whole: bigint): string {
  return whole === 0n ? 'nothing: there is nothing to share' : `${pot} × ${part} / ${whole}, rounded down`;
}
