/**
 * The right settlement of a round: every number from the evaluators' scores to the balances, in integers, so that all who compute
 * it agree to the last unit. Shares are linear in stake and score: nothing is gained by splitting an account.
 */
import type { Hash } from '../hash.ts';
import { compareAddresses } from '../inputs.ts';
import { merkleRoot } from '../merkle.ts';
import { type Balance, type Balances, buildBalancesTree, newBalance, reputationAfter } from './balances.ts';
import { lowerMedian, weightedLowerMedian } from './median.ts';
import type { EvaluatorReveal, RewardTerms, RoundScores, ScoredTrainer } from './roundScores.ts';
import { encodeStatement, type RewardStatement, type StatedEntry, type StatedEvaluator } from './statement.ts';
import { validateRound } from './validate.ts';

const basisPoints = 10_000n;

/** A scored trainer, with what the statement says of it. */
export type SettledTrainer = ScoredTrainer & StatedEntry;

/** An evaluator that has shown its scores, with what the statement says of it. */
export interface SettledEvaluator extends EvaluatorReveal, StatedEvaluator {
  /** See `agreementOf`. */
  agreement: bigint;
}

/** The parts of what an account earns in a round, in gwei. */
export interface Earnings {
  trainerGwei: bigint;
  evaluatorGwei: bigint;
  feeGwei: bigint;
}

export interface Pots {
  /** What the round pays: the reward, or what is left in the pool. */
  paidGwei: bigint;
  trainerPotGwei: bigint;
  evaluatorPotGwei: bigint;
  feeGwei: bigint;
}

/** What a round has earned whom, with all that it follows from. Amounts in gwei. */
export interface Settlement extends Pots {
  round: number;
  terms: RewardTerms;
  /** Ascending by place. */
  entries: readonly SettledTrainer[];
  /** Ascending by address. */
  evaluators: readonly SettledEvaluator[];
  aggregatorPlace: number | undefined;
  /** The lower median of the entries' scores. */
  middle: number;
  /** Σ stake · score of the entries above zero. */
  contribution: bigint;
  /** Σ |score − middle|. */
  spread: bigint;
  /** Σ stake · agreement of the evaluators. */
  agreement: bigint;
  /** By place. */
  earnings: ReadonlyMap<number, Earnings>;
  previous: Balances;
  balances: Balances;
  pageRoots: readonly Hash[];
  balancesRoot: Hash;
  statement: RewardStatement;
}

/** Errors: ARGUMENT_INVALID for what cannot be settled. */
export function settleRound(input: RoundScores): Settlement {
  validateRound(input);
  const reveals = [...input.evaluators].sort((a, b) => compareAddresses(a.evaluator, b.evaluator));
  const entries = scoreTrainers(input.trainers, reveals);
  const middle = entries.length === 0 ? 0 : lowerMedian(entries.map(({ score }) => score));
  const spread = sumOf(entries, ({ score }) => BigInt(Math.abs(score - middle)));
  const evaluators = reveals.map((reveal) => settleEvaluator(reveal, entries, spread));
  const contribution = sumOf(entries, contributionOf);
  const agreement = sumOf(evaluators, (evaluator) => evaluator.stakeTokens * evaluator.agreement);
  const pots = potsOf(input.terms, contribution, agreement, input.aggregatorPlace !== undefined);
  const settled = { entries, evaluators, middle, contribution, agreement, aggregatorPlace: input.aggregatorPlace };
  const earnings = earningsOf({ ...settled, ...pots });
  const balances = balancesAfter(input.previous, input.accounts, earnings, entries, middle);
  const { pages, tree } = buildBalancesTree(balances);
  const pageRoots = pages.map(merkleRoot);
  return {
    round: input.round,
    terms: input.terms,
    ...settled,
    spread,
    ...pots,
    earnings,
    previous: input.previous,
    balances,
    pageRoots,
    balancesRoot: merkleRoot(tree),
    statement: encodeStatement({
      round: input.round,
      middle,
      previousBalancesRoot: merkleRoot(buildBalancesTree(input.previous).tree),
      accounts: input.accounts,
      paidGwei: pots.paidGwei,
      evaluators,
      entries,
      pageRoots,
    }),
  };
}

/** Stake times score, nothing for a score of zero or below. */
export function contributionOf({ stakeTokens, score }: StatedEntry): bigint {
  return stakeTokens * BigInt(Math.max(0, score));
}

/** Without evaluators every score is zero. */
function scoreTrainers(trainers: readonly ScoredTrainer[], reveals: readonly EvaluatorReveal[]): SettledTrainer[] {
  return trainers.map((trainer, index) => {
    const scores = reveals.map(({ scores, stakeTokens }) => ({ value: scores[index]!, weight: stakeTokens }));
    return { ...trainer, score: weightedLowerMedian(scores) };
  });
}

function settleEvaluator(
  reveal: EvaluatorReveal,
  entries: readonly SettledTrainer[],
  spread: bigint,
): SettledEvaluator {
  const evaluator = reveal.evaluator.toLowerCase();
  const distance = distanceOf(reveal.scores, entries);
  return { ...reveal, evaluator, distance, agreement: agreementOf(spread, distance) };
}

/** How much nearer scores are to the medians than their middle is: max(0, spread − distance). */
export function agreementOf(spread: bigint, distance: bigint): bigint {
  return spread > distance ? spread - distance : 0n;
}

/** Σ |score − median|. */
export function distanceOf(scores: Int16Array, entries: readonly StatedEntry[]): bigint {
  // at most 65535 entries of at most 65535 each
  return BigInt(entries.reduce((sum, { score }, index) => sum + Math.abs(scores[index]! - score), 0));
}

function potsOf(terms: RewardTerms, contribution: bigint, agreement: bigint, hasAggregator: boolean): Pots {
  const ranDry = terms.availableGwei < terms.rewardGwei;
  const paidGwei = ranDry ? terms.availableGwei : terms.rewardGwei;
  const aggregatorShare = (paidGwei * BigInt(terms.aggregatorBasisPoints)) / basisPoints;
  const evaluatorShare = (paidGwei * BigInt(terms.evaluatorBasisPoints)) / basisPoints;
  return {
    paidGwei,
    trainerPotGwei: contribution === 0n ? 0n : paidGwei - aggregatorShare - evaluatorShare,
    evaluatorPotGwei: agreement === 0n ? 0n : evaluatorShare,
    feeGwei: hasAggregator ? aggregatorShare : 0n,
  };
}

/** What earnings follow from. */
export interface Shares
  extends Pick<Settlement, 'contribution' | 'agreement' | 'aggregatorPlace'>,
    Omit<Pots, 'paidGwei'> {
  entries: readonly StatedEntry[];
  evaluators: readonly Pick<SettledEvaluator, 'place' | 'stakeTokens' | 'agreement'>[];
}

export function earningsOf(shares: Shares): Map<number, Earnings> {
  const earnings = new Map<number, Earnings>();
  for (const entry of shares.entries) {
    earn(
      earnings,
      entry.place,
      'trainerGwei',
      shareOf(shares.trainerPotGwei, contributionOf(entry), shares.contribution),
    );
  }
  for (const { place, stakeTokens, agreement } of shares.evaluators) {
    if (place === undefined) continue;
    earn(earnings, place, 'evaluatorGwei', shareOf(shares.evaluatorPotGwei, stakeTokens * agreement, shares.agreement));
  }
  if (shares.aggregatorPlace !== undefined) earn(earnings, shares.aggregatorPlace, 'feeGwei', shares.feeGwei);
  return earnings;
}

function earn(earnings: Map<number, Earnings>, place: number, part: keyof Earnings, gwei: bigint): void {
  if (gwei === 0n) return;
  const before = earnings.get(place) ?? { trainerGwei: 0n, evaluatorGwei: 0n, feeGwei: 0n };
  earnings.set(place, { ...before, [part]: before[part] + gwei });
}

/** Rounded down. */
function shareOf(pot: bigint, part: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : (pot * part) / whole;
}

export function totalGwei({ trainerGwei, evaluatorGwei, feeGwei }: Earnings): bigint {
  return trainerGwei + evaluatorGwei + feeGwei;
}

export function balancesAfter(
  previous: Balances,
  accounts: number,
  earnings: ReadonlyMap<number, Earnings>,
  entries: readonly StatedEntry[],
  middle: number,
): Balance[] {
  const balances = Array.from({ length: accounts }, (_, place) => previous[place] ?? newBalance);
  for (const [place, earned] of earnings) {
    const before = balances[place];
    // a false statement may name who has had an account since
    if (before === undefined) continue;
    balances[place] = { ...before, cumulativeGwei: before.cumulativeGwei + totalGwei(earned) };
  }
  for (const { place, score } of entries) {
    const before = balances[place]!;
    balances[place] = { ...before, reputation: reputationAfter(before.reputation, score, middle) };
  }
  return balances;
}

function sumOf<T>(items: readonly T[], value: (item: T) => bigint): bigint {
  return items.reduce((sum, item) => sum + value(item), 0n);
}
