/** What the deployer of a federation chooses, and the parameters of the contracts that follow from it. */
import { parseEther, parseUnits } from 'ethers';
import { ruleFields } from '../chain/parameters.ts';
import { parseRule } from '../core/rules/parseRule.ts';
import { squaredNormBound } from '../core/task.ts';

/** Times in seconds, amounts in whole tokens. */
export interface FederationChoices {
  /** `mean`, `median` or `trimmedMean:<share>`. */
  rule: string;
  /** Largest L2 norm of an update, in the parameters' own units. */
  clipNorm: number;
  startTrainers: number;
  /** Fewest updates that make a round; 0: a majority of those that it waits for. */
  minimumUpdates: number;
  /** Largest weight of an update in the mean: the samples of the largest site ÷ `samplesPerWeight`. No stake stands behind a weight. */
  maxWeight: number;
  submissionSeconds: number;
  turnSeconds: number;
  challengeSeconds: number;
  /** How long a demanded opening may take, at most a sixth of the challenge window; by default that, and at most ten minutes. */
  answerSeconds?: number | undefined;
  /** The challenger's share of what it takes from a cheat, up to a half; the rest burns or goes to the treasury. */
  challengerShare: number;
  /** More than this share of the aggregators and evaluators attest every proposal's inputs, at least a half. */
  attestationShare: number;
  /** What a demand puts at stake for each node that it wants opened, in the chain's own currency. */
  demandBond: number;
  /** How much of its weight in the mean an update keeps whose trainer has no reputation, from 0.1; 1 switches reputation off. */
  reputationFloor: number;
  /** Rounds that can be in flight, plus one. */
  ringSize: number;
  trainerStake: number;
  aggregatorBond: number;
  evaluatorStake: number;
  /** What a round pays while the pool lasts. */
  rewardPerRound: number;
  /** Shares of a round's reward; trainers get the rest. */
  evaluatorShare: number;
  aggregatorShare: number;
  /** Evaluators of a round, on average, where there are more: they are drawn by lot. */
  committeeSize: number;
  /** From a proposal on, all within the challenge window: how long evaluators score; by default what is left of it. */
  scoringSeconds?: number | undefined;
  /** How long they reveal; by default a fifth. */
  revealSeconds?: number | undefined;
  /** How long scores may be demanded, and as long again how long that may be answered; by default a fifth. */
  publishSeconds?: number | undefined;
  /** What an evaluator forfeits of its stake that commits to scores and does not show them. */
  missedRevealShare: number;
  /** What a demand for scores puts at stake, in the chain's own currency. */
  scoresDemandBond: number;
}

export const defaultChoices: FederationChoices = {
  rule: 'mean',
  clipNorm: 32,
  startTrainers: 1,
  minimumUpdates: 0,
  maxWeight: 1000,
  submissionSeconds: 3600,
  turnSeconds: 60,
  challengeSeconds: 3600,
  challengerShare: 0.5,
  attestationShare: 0.5,
  demandBond: 0.0001,
  reputationFloor: 1,
  ringSize: 8,
  trainerStake: 100,
  aggregatorBond: 1000,
  evaluatorStake: 100,
  rewardPerRound: 100,
  evaluatorShare: 0.2,
  aggregatorShare: 0.1,
  committeeSize: 32,
  missedRevealShare: 0.1,
  scoresDemandBond: 0.001,
};

/** `FederationParameters` of the contracts. */
export function parametersOf(choices: FederationChoices): Record<string, unknown> {
  return {
    trainerStakeWei: parseEther(String(choices.trainerStake)),
    aggregatorBondWei: parseEther(String(choices.aggregatorBond)),
    submissionSeconds: choices.submissionSeconds,
    turnSeconds: choices.turnSeconds,
    challengeSeconds: choices.challengeSeconds,
    unbondingSeconds: unbondingSecondsOf(choices),
    minimumUpdates: choices.minimumUpdates,
    maxWeight: choices.maxWeight,
    maxSquaredNorm: squaredNormBound(choices.clipNorm),
    ...ruleFields(parseRule(choices.rule)),
    answerSeconds: answerSecondsOf(choices),
    challengerBasisPoints: basisPoints(choices.challengerShare),
    attestationBasisPoints: basisPoints(choices.attestationShare),
    demandBondWei: parseEther(choices.demandBond.toFixed(18)),
    reputationFloorBasisPoints: basisPoints(choices.reputationFloor),
  };
}

/** The windows of a round's scores, with what follows from the challenge window where they are not chosen. */
export function scoreWindowsOf(choices: FederationChoices) {
  const { challengeSeconds } = choices;
  const fifth = Math.max(1, Math.floor(challengeSeconds / 5));
  const { revealSeconds = fifth, publishSeconds = fifth } = choices;
  const left = Math.max(1, challengeSeconds - revealSeconds - 2 * publishSeconds);
  return { scoringSeconds: choices.scoringSeconds ?? left, revealSeconds, publishSeconds };
}

/** `RewardParameters` of the contracts. */
export function rewardParametersOf(choices: FederationChoices): Record<string, unknown> {
  return {
    evaluatorStakeWei: parseEther(String(choices.evaluatorStake)),
    rewardGwei: parseUnits(choices.rewardPerRound.toFixed(9), 9),
    ...scoreWindowsOf(choices),
    unbondingSeconds: unbondingSecondsOf(choices),
    committeeSize: choices.committeeSize,
    aggregatorBasisPoints: basisPoints(choices.aggregatorShare),
    evaluatorBasisPoints: basisPoints(choices.evaluatorShare),
    missedRevealBasisPoints: basisPoints(choices.missedRevealShare),
    demandBondWei: parseEther(choices.scoresDemandBond.toFixed(18)),
  };
}

/** Longer than any proof can take, see contracts/libraries/Parameters.sol. */
function unbondingSecondsOf(choices: FederationChoices): number {
  return 2 * choices.challengeSeconds + choices.turnSeconds + 2 * answerSecondsOf(choices);
}

const longestAnswerSeconds = 600;

export function answerSecondsOf({ challengeSeconds, answerSeconds }: FederationChoices): number {
  return answerSeconds ?? Math.min(longestAnswerSeconds, Math.floor(challengeSeconds / 6));
}

function basisPoints(share: number): number {
  return Math.round(share * 10_000);
}
