/**
 * Challenges as data: which function of which contract, with which arguments. They are built here, from what is committed to
 * on chain and what the watcher knows to be right, and are sent elsewhere. See docs/protocol.md, "Challenges".
 */
import type { SubmissionContext } from '../commitment.ts';
import type { Hash } from '../hash.ts';
import type { Reputations } from '../rewards/reputations.ts';

/** The functions of the contracts that take a challenge. */
export interface ChallengeMethods {
  AggregateChallenges:
    | 'refuteColumnEntry'
    | 'refuteColumnShape'
    | 'refuteColumnState'
    | 'refuteCuts'
    | 'refuteModelChunk'
    | 'refuteModelDirectly'
    | 'refuteModelShape';
  InputChallenges:
    | 'refuteDisorder'
    | 'refuteIncluded'
    | 'refuteInputCount'
    | 'refuteInputsShape'
    | 'refuteInputsSum'
    | 'refuteMisquoted'
    | 'refuteMissing'
    | 'refuteSignatures'
    | 'refuteUnsubmitted';
  TrainerChallenges: 'refuteCopy' | 'refuteNorm' | 'refuteNormOfInput' | 'refuteRange' | 'refuteRangeOfInput';
  RewardChallenges:
    | 'refuteBalances'
    | 'refuteDistance'
    | 'refuteEntry'
    | 'refuteEvaluator'
    | 'refuteMissingEntry'
    | 'refuteMissingEvaluator'
    | 'refuteScore';
}

/** The contracts that take challenges of proposals and of accounts. */
export type ChallengeContract = 'AggregateChallenges' | 'InputChallenges' | 'TrainerChallenges';

/** A challenge of a proposal or of an account: which function of which contract, with which arguments. */
export interface Challenge {
  contract: ChallengeContract;
  /** The contract's function. */
  method: ChallengeMethods[ChallengeContract];
  /** What comes before `args`: (federation, proposal) or (federation). */
  against: 'proposal' | 'account';
  /** As ethers takes them: hex strings, numbers, bigints, objects keyed by the struct's field names. */
  args: readonly unknown[];
  /** What is wrong, a plain part of a sentence. */
  fault: string;
}

/** The same against a reward statement: before `args` come (rewards, facts, statement). */
export interface RewardChallenge extends Omit<Challenge, 'contract' | 'method' | 'against'> {
  contract: 'RewardChallenges';
  method: ChallengeMethods['RewardChallenges'];
  against: 'statement';
}

/** What a proposal commits to. */
export interface PostedProposal {
  inputCount: number;
  totalWeight: number;
  modelRoot: Hash;
  inputsRoot: Hash;
  columnsRoot: Hash;
}

/** What a trainer submitted, as the contract takes it. */
export interface SubmissionEvidence {
  trainer: string;
  /** `UpdateTerms` of the contracts: round, squared norm and weight in one word. */
  terms: bigint;
  squaredNorm: number;
  weight: number;
  commitment: Hash;
  cid: Hash;
}

/** What the chain says of a proposal's inputs. */
export interface RoundFacts extends Omit<SubmissionContext, 'trainer'> {
  /** All submissions of the round. */
  submissions: readonly SubmissionEvidence[];
  /** Trainers whose submissions the proposal must take in. */
  included: readonly string[];
  /** Trainers that it names as left out. */
  omitted: readonly string[];
  /** What weighs its inputs; undefined where each weighs what was declared. */
  reputations: Reputations | undefined;
}

/** What is to be opened next, or what is proven. */
export type Step<Unopened> = { challenge: Challenge } | { open: Unopened };
