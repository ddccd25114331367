/**
 * What the contracts must remember, as plain values: rounds and times are numbers, amounts bigints. Everything is an object that can be
 * cloned, so that a call that is refused leaves no trace.
 */
import type { parameters, rewardParameters } from '../deployment.ts';
import type { ProposalStruct } from '../faults.ts';

export const zeroAddress = `0x${'00'.repeat(20)}`;
export const zeroHash = `0x${'00'.repeat(32)}`;
export const maxInputs = 65_535;
/** Rounds of scores and statements that are kept. */
export const rewardRing = 64;

/** A call reverts with this error. */
export class Refusal extends Error {}

export function must(condition: boolean, error: string): asserts condition {
  if (!condition) throw new Refusal(error);
}

export type Place = 'federation' | 'rewards';
export type Parameters = typeof parameters;
export type RewardParameters = typeof rewardParameters;

export interface Position {
  bondedWei: bigint;
  unbondingWei: bigint;
  releaseAt: number;
  vouchedRound: number;
  /** What was bonded from when on. */
  history: { at: number; wei: bigint }[];
}

export interface StakeState {
  positions: Map<string, Position>;
  owedWei: Map<string, bigint>;
  slashedWei: bigint;
  treasuryBasisPoints: number;
}

export interface PolicyState {
  parameters: Parameters;
  rewardParameters: RewardParameters;
  changeWaits: boolean;
  retired: boolean;
  pausedUntil: number;
  pauseSpent: boolean;
  barred: Set<string>;
  ejections: string[];
}

/** What a trainer's ring holds of a round; `digest` undefined where it has brought nothing. */
export interface Slot {
  round: number;
  digest: bigint | undefined;
  retired: boolean;
}

export interface Clock {
  round: number;
  baseRound: number;
  expectedTrainers: number;
  submissionDeadline: number;
  maxWeight: number;
  maxSquaredNorm: bigint;
  rule: number;
  trimBasisPoints: number;
  policyWaits: boolean;
  reopened: boolean;
  edition: number;
}

export interface Terms {
  round: number;
  openedAt: number;
  expectedTrainers: number;
  submissionDeadline: number;
  aggregators: number;
  evaluators: number;
}

export interface Proposed {
  proposer: string;
  round: number;
  baseRound: number;
  proposedAt: number;
  modelRoot: string;
  digest: string;
  closesAt: number;
}

export interface Aggregator {
  joinedAfter: number;
  lastProposed: number;
  missedTurns: number;
  claimedRound: number;
  claimedAt: number;
  claimedDigest: string;
}

export interface Attendance {
  strikes: number;
  mayJoinAt: number;
  unserved: number;
  unservedRound: number;
}

export interface FederationState {
  clock: Clock;
  finalRound: number;
  latestRound: number;
  settledRound: number;
  skippedRound: number;
  /** When the newest proposal was made that is void. */
  voidedAt: number;
  trainerCount: number;
  parameters: Parameters;
  longerUnbonding: { seconds: number; finalRound: number };
  slots: Map<string, (Slot | undefined)[]>;
  /** By place in the ring. */
  proposals: Map<number, Proposed>;
  terms: Map<number, Terms>;
  base: { modelRoot: string; reputations: string };
  /** In the order of their turns, beginning with the holder; who has left keeps its place until its turn would come. */
  turns: { account: string; left: boolean }[];
  /** Whoever was one once. */
  aggregators: Map<string, Aggregator>;
  attendance: Map<string, Attendance>;
  slashedTrainers: Set<string>;
  slashedSigners: Set<string>;
}

export interface ScoreSlot {
  round: number;
  proposedAt: number;
  commitment: bigint;
  revealed: boolean;
  demanded: boolean;
  published: boolean;
  forfeited: boolean;
}

export interface Scoring {
  round: number;
  proposedAt: number;
  evaluators: number;
  accounts: number;
  seed: bigint;
}

export interface Facts {
  number: number;
  round: number;
  previousRound: number;
  previousAccounts: number;
  aggregator: string;
  proposedAt: number;
  challengeSeconds: number;
  inputCount: number;
  inputsRoot: string;
  scoredAccounts: number;
  accounts: number;
  feeGwei: bigint;
}

export interface Statement {
  round: number;
  previousBalancesRoot: string;
  accounts: number;
  paidGwei: bigint;
  pageRoot: string;
}

export interface Stated {
  stands: boolean;
  closesAt: number;
  proposer: string;
  round: number;
  previousRound: number;
  number: number;
  balancesRoot: string;
  accounts: number;
  allocatedGwei: bigint;
  facts: Facts;
  statement: Statement;
}

export interface RewardsState {
  /** The last ones hold for all rounds from `changedFrom` on, the others for those before `until`. */
  parameters: RewardParameters;
  changedFrom: number;
  earlier: { until: number; parameters: RewardParameters }[];
  statedRound: number;
  finalRound: number;
  accounts: Map<string, { payee: string; claimedGwei: bigint; number: number }>;
  evaluators: Map<string, { member: boolean; joinedAfter: number }>;
  scorings: Map<number, Scoring>;
  scores: Map<string, ScoreSlot>;
  demands: Map<string, { demander: string; bondWei: bigint }>;
  owedWei: Map<string, bigint>;
  fundedGwei: bigint;
  finalGwei: bigint;
  allocatedGwei: bigint;
  finalAccounts: number;
  statements: number;
  fundings: { at: number; totalGwei: bigint }[];
  balancesRoot: string;
  records: Map<number, Stated>;
  heldGwei: bigint;
}

export interface Demand {
  key: string;
  round: number;
  demander: string;
  bondWei: bigint;
  answerBy: number;
  open: boolean;
  proposal: ProposalStruct;
}

export interface OpeningsState {
  demands: Demand[];
  forfeitedAt: Map<string, number>;
  owedWei: Map<string, bigint>;
}

export interface World {
  now: number;
  chainId: bigint;
  ringSize: number;
  startTrainers: number;
  addresses: { federation: string; rewards: string; treasury: string };
  stake: StakeState;
  policy: PolicyState;
  federation: FederationState;
  rewards: RewardsState;
  openings: OpeningsState;
}

export function add(amounts: Map<string, bigint>, account: string, wei: bigint): void {
  amounts.set(account, (amounts.get(account) ?? 0n) + wei);
}

export function least(first: bigint, second: bigint): bigint {
  if (first < second) return first;
  return second;
}
