/** The contracts' parameters as they announce them. Amounts in wei, but for `rewardGwei`. */
import type { Result } from 'ethers';
import type { Rule } from '../core/rules/rule.ts';

/** The federation's parameters, `FederationParameters` of the contracts. `maxSquaredNorm` is in squared update units, 2^-32. */
export interface ParametersOnChain {
  trainerStakeWei: bigint;
  aggregatorBondWei: bigint;
  submissionSeconds: number;
  turnSeconds: number;
  challengeSeconds: number;
  answerSeconds: number;
  maxWeight: number;
  maxSquaredNorm: number;
  minimumUpdates: number;
  rule: Rule;
}

/** The parameters of rewards, `RewardParameters` of the contracts. Basis points are hundredths of a percent. */
export interface RewardParametersOnChain {
  evaluatorStakeWei: bigint;
  /** What a round pays while the pool lasts. */
  rewardGwei: bigint;
  scoringSeconds: number;
  revealSeconds: number;
  publishSeconds: number;
  unbondingSeconds: number;
  committeeSize: number;
  aggregatorBasisPoints: number;
  evaluatorBasisPoints: number;
  missedRevealBasisPoints: number;
  demandBondWei: bigint;
}

/** The windows of a round's scores. */
type ScoreWindows = Pick<RewardParametersOnChain, 'scoringSeconds' | 'revealSeconds' | 'publishSeconds'>;

/** When the reveals of a proposal's scores end, in seconds since 1970, as `Evaluation.sol` has it. */
export function revealEndsAt({ scoringSeconds, revealSeconds }: ScoreWindows, proposedAt: number): number {
  return proposedAt + scoringSeconds + revealSeconds;
}

/** When nothing about the scores of a proposal can change any more. */
export function scoresSettledAt(windows: ScoreWindows, proposedAt: number): number {
  return revealEndsAt(windows, proposedAt) + 2 * windows.publishSeconds;
}

const ruleNames = ['mean', 'median', 'trimmedMean'] as const;

/** A rule as the contracts' structs hold it. */
export function ruleFields(rule: Rule): { rule: number; trimBasisPoints: number } {
  return { rule: ruleNames.indexOf(rule.name), trimBasisPoints: rule.trimBasisPoints };
}

export function ruleOf(rule: unknown, trimBasisPoints: unknown): Rule {
  return { name: ruleNames[Number(rule)]!, trimBasisPoints: Number(trimBasisPoints) };
}

export function readParameters(p: Result): ParametersOnChain {
  return {
    trainerStakeWei: p.trainerStakeWei as bigint,
    aggregatorBondWei: p.aggregatorBondWei as bigint,
    submissionSeconds: Number(p.submissionSeconds),
    turnSeconds: Number(p.turnSeconds),
    challengeSeconds: Number(p.challengeSeconds),
    answerSeconds: Number(p.answerSeconds),
    maxWeight: Number(p.maxWeight),
    maxSquaredNorm: Number(p.maxSquaredNorm),
    minimumUpdates: Number(p.minimumUpdates),
    rule: ruleOf(p.rule, p.trimBasisPoints),
  };
}

export function readRewardParameters(p: Result): RewardParametersOnChain {
  return {
    evaluatorStakeWei: p.evaluatorStakeWei as bigint,
    rewardGwei: p.rewardGwei as bigint,
    scoringSeconds: Number(p.scoringSeconds),
    revealSeconds: Number(p.revealSeconds),
    publishSeconds: Number(p.publishSeconds),
    unbondingSeconds: Number(p.unbondingSeconds),
    committeeSize: Number(p.committeeSize),
    aggregatorBasisPoints: Number(p.aggregatorBasisPoints),
    evaluatorBasisPoints: Number(p.evaluatorBasisPoints),
    missedRevealBasisPoints: Number(p.missedRevealBasisPoints),
    demandBondWei: p.demandBondWei as bigint,
  };
}
