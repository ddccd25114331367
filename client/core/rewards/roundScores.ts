/** What a settlement is made from. */
import type { Hash } from '../hash.ts';
import type { Balances } from './balances.ts';

/** A trainer of the round that has an account. */
export interface ScoredTrainer {
  place: number;
  /** Its place among all inputs of the round. */
  inputIndex: number;
  /** Address, `0x…`. */
  trainer: string;
  stakeTokens: bigint;
}

/** An evaluator whose scores count. */
export interface EvaluatorReveal {
  /** Address, `0x…`. */
  evaluator: string;
  /** Of its account, where it has one: without one it earns nothing. */
  place: number | undefined;
  scoresRoot: Hash;
  salt: Hash;
  stakeTokens: bigint;
  /** One for each scored trainer, in their order. */
  scores: Int16Array;
}

/** What a round pays, and how it is shared. Basis points are hundredths of a percent. */
export interface RewardTerms {
  /** What a round pays while the pool lasts. */
  rewardGwei: bigint;
  /** What the pool has for it: of a stated round what `PoolRanDry` says, or no less than the reward. */
  availableGwei: bigint;
  aggregatorBasisPoints: number;
  evaluatorBasisPoints: number;
}

/** All that the rewards of a round follow from. */
export interface RoundScores {
  round: number;
  /** Ascending by place. */
  trainers: readonly ScoredTrainer[];
  evaluators: readonly EvaluatorReveal[];
  terms: RewardTerms;
  /** The account of the round's proposer, where it has one. */
  aggregatorPlace: number | undefined;
  /** How many there are when the statement is made. */
  accounts: number;
  /** After the round that was settled before. */
  previous: Balances;
}
