/** The faults that an adversary can commit, and as what it takes part. */
import type { Proposal, Round } from '../chain/rounds.ts';
import type { VerifiedUpdate } from '../core/columns.ts';
import type { Participant } from '../participant/participant.ts';

export const attackRoles = {
  aggregator: 'aggregator',
  norm: 'trainer',
  copycat: 'trainer',
  withhold: 'aggregator',
  nan: 'trainer',
  equivocate: 'aggregator',
  omit: 'aggregator',
  hoard: 'aggregator',
  forge: 'aggregator',
  favour: 'aggregator',
  reputation: 'aggregator',
} as const;

/** Takes part as a trainer, be it that it aggregates too. */
export function trains(attack: AttackName): boolean {
  return attackRoles[attack] === 'trainer' || attack === 'hoard';
}

export type AttackName = keyof typeof attackRoles;
export const attackNames = Object.keys(attackRoles) as AttackName[];

export interface AdversaryOptions {
  attack: AttackName;
  /** It is honest before this round, and cheats once. */
  attackRound: number;
}

/** A round as an aggregator knows it when it proposes. */
export interface ProposalCase {
  node: Participant;
  round: Round;
  /** What an honest aggregator proposes. */
  honest: Proposal;
  base: Int32Array;
  updates: readonly VerifiedUpdate[];
}

export interface FalseProposal {
  proposal: Proposal;
  /** What it has done, as a part of a sentence: "changed …". */
  did: string;
}

/** Undefined where the round gives no occasion; `later` where it is to wait for one. */
export type ProposalAttack = (given: ProposalCase) => Promise<FalseProposal | 'later' | undefined>;

/** A round as a trainer knows it when it submits. */
export interface SubmissionCase {
  node: Participant;
  round: Round;
  /** What its training gave. */
  values: Int16Array;
}

export interface FalseSubmission {
  values: Int16Array;
  /** What it claims. */
  squaredNorm: number;
  did: string;
}

export type SubmissionAttack = (given: SubmissionCase) => Promise<FalseSubmission>;
