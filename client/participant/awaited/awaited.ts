/** For what a round waits, for whom, and until when: from what the chain's events have told. */
import type { ParametersOnChain, RewardParametersOnChain } from '../../chain/parameters.ts';
import type { RewardsState } from '../../chain/rewardState.ts';
import type { FederationState, Round } from '../../chain/rounds.ts';
import type { Role } from '../role.ts';

/**
 * Before it opens: `trainers`, `aggregators`, `earlierRounds`. While it is open: `submissions`, then `attestations` and `proposal`, or
 * `skip`. Of its proposal: `answers`, `challenges`, `finalization`. Of its rewards: `scores`, `reveals`, `publications`, `statement`,
 * `rewardChallenges`, `rewardFinalization`.
 */
export type Stage =
  | 'trainers'
  | 'aggregators'
  | 'earlierRounds'
  | 'submissions'
  | 'attestations'
  | 'proposal'
  | 'skip'
  | 'answers'
  | 'challenges'
  | 'finalization'
  | 'scores'
  | 'reveals'
  | 'publications'
  | 'statement'
  | 'rewardChallenges'
  | 'rewardFinalization';

export interface Member {
  account: string;
  role: Role;
}

/** One thing that a round waits for. */
export interface Awaited {
  round: number;
  stage: Stage;
  /** Who is to do it; in `challenges` and `rewardChallenges` whose work may be refuted. */
  whom: Member[];
  /** How many more are needed, where that is not everybody; null where it is, or is not known. */
  needed: number | null;
  /** When the wait ends at the latest, in seconds since 1970; null where it has no end. */
  until: number | null;
}

/** What must be asked of the chain or of nodes besides. */
export interface Asked {
  /** The trainers with which the first round opens. */
  startTrainers: number;
  /** In the order of their turns in the open round. */
  turns: readonly string[];
  /** Demands that are not answered, by the proposal's round: when their time is over, in seconds since 1970. */
  unanswered: ReadonlyMap<number, number>;
  /** Whose attestations are still needed, and what they must weigh; undefined where nobody was asked. */
  electors?: { silent: readonly string[]; needed: number } | undefined;
}

export interface View extends Asked {
  state: FederationState;
  rewards: RewardsState;
  parameters: ParametersOnChain;
  rewardParametersOf(round: number): RewardParametersOnChain;
  /** By the chain's clock, in seconds since 1970. */
  now: number;
}

export function membersOf(role: Role, accounts: Iterable<string>): Member[] {
  return [...accounts].map((account) => ({ account, role }));
}

/** Aggregators, whoever it is stands first. */
export function aggregatorsFrom(first: string, { aggregators }: Pick<FederationState, 'aggregators'>): Member[] {
  return membersOf('aggregator', new Set([first, ...aggregators]));
}

export function awaited(
  { number }: Pick<Round, 'number'>,
  stage: Stage,
  whom: Member[],
  until: number | null,
  needed: number | null = null,
): Awaited {
  return { round: number, stage, whom, needed, until };
}
