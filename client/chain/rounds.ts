/** A federation's state as its events have it, and what follows from it. `roundEvents.ts` folds them. */
import type { Result } from 'ethers';
import { fromHex, type Hash } from '../core/hash.ts';
import type { ParametersOnChain } from './parameters.ts';

/** What a trainer has submitted to a round. */
export interface Submission {
  trainer: string;
  commitment: Hash;
  /** sha2-256 digest of the CID. */
  cid: Hash;
  squaredNorm: number;
  weight: number;
  transactionHash: string;
  /** It was proven false: it counts for nothing. */
  slashed: boolean;
}

/** The contract's struct, see contracts/types/Round.sol. */
export interface Proposal {
  round: number;
  baseRound: number;
  inputCount: number;
  totalWeight: number;
  /** See `ruleFields`. */
  rule: number;
  trimBasisPoints: number;
  baseModelRoot: Hash;
  modelRoot: Hash;
  modelCid: Hash;
  inputsCid: Hash;
  inputsRoot: Hash;
  columnsRoot: Hash;
  /** See `omittedHash`. */
  omittedHash: Hash;
  /** What weighs the inputs, see `readReputations`. */
  reputations: Hash;
}

/** A proposal, with what the chain says of it. */
export interface ProposedAggregate {
  /** That of its event: one transaction may make several, and be mined again on another branch of the chain. */
  id: string;
  proposer: string;
  proposal: Proposal;
  /** Trainers that submitted and are left out as unavailable. */
  omitted: readonly string[];
  /** Trainers whose submissions it must take in: those that are not omitted and were not proven false before. */
  included: readonly string[];
  /** When it was made and when its challenge window ends, in seconds since 1970. */
  proposedAt: number;
  closesAt: number;
  /** What weighs the inputs of rounds that start from its model. */
  nextReputations: Hash;
  blockNumber: number;
}

/** A round as events have told it. */
export interface Round {
  number: number;
  baseRound: number;
  /** Which of its sets of submissions is attested: another whenever it reopens, or one of them is proven false. */
  edition: number;
  /** Those before. */
  earlierEditions: number[];
  /** As many as it still waits for, with those that have come. */
  expectedTrainers: number;
  /** The block in which it opened. */
  openedBlock: number;
  /** Seconds since 1970, by the chain's clock. */
  submissionDeadline: number;
  submissions: Map<string, Submission>;
  /** Trainers that have a mark for it, because nobody could fetch their updates. */
  unserved: Set<string>;
  proposed?: ProposedAggregate;
  final: boolean;
  /** Given up without a proposal. */
  skipped: boolean;
  /** It stood on a proposal that was refuted: its submissions count for nothing. */
  voided: boolean;
}

/** A round that has a proposal. */
export type ProposedRound = Round & { proposed: ProposedAggregate };

/** All that events have told of a federation. */
export interface FederationState {
  /** Those of every round that is open or in flight. */
  parameters: ParametersOnChain | undefined;
  rounds: Map<number, Round>;
  /** The round that takes submissions and waits for a proposal; undefined while none is open. */
  openRound: number | undefined;
  finalRound: number;
  /** Of the open round, or the next one: it goes on from round to round. */
  edition: number;
  /** The first round of each trainer. */
  trainers: Map<string, number>;
  /** When those that were removed because they were waited for in vain may join again, in seconds since 1970. */
  mayJoinAt: Map<string, number>;
  aggregators: Set<string>;
  /** Where nodes serve, by account, see `endpointsOf`. */
  endpoints: Map<string, string>;
}

export function emptyState(): FederationState {
  return {
    parameters: undefined,
    rounds: new Map(),
    openRound: undefined,
    finalRound: 0,
    edition: 0,
    trainers: new Map(),
    mayJoinAt: new Map(),
    aggregators: new Set(),
    endpoints: new Map(),
  };
}

/** From the contract's struct. */
export function readProposal(proposal: Result): Proposal {
  return {
    round: Number(proposal.round),
    baseRound: Number(proposal.baseRound),
    inputCount: Number(proposal.inputCount),
    totalWeight: Number(proposal.totalWeight),
    rule: Number(proposal.rule),
    trimBasisPoints: Number(proposal.trimBasisPoints),
    baseModelRoot: fromHex(proposal.baseModelRoot as string),
    modelRoot: fromHex(proposal.modelRoot as string),
    modelCid: fromHex(proposal.modelCid as string),
    inputsCid: fromHex(proposal.inputsCid as string),
    inputsRoot: fromHex(proposal.inputsRoot as string),
    columnsRoot: fromHex(proposal.columnsRoot as string),
    omittedHash: fromHex(proposal.omittedHash as string),
    reputations: fromHex(proposal.reputations as string),
  };
}

/**
 * The rounds that were proposed, from the first to the newest: each starts from the one before. They are as they are now: who works on
 * one does not lose its proposal when that is voided meanwhile.
 */
export function proposedRounds(state: FederationState): ProposedRound[] {
  return [...state.rounds.values()]
    .filter(isProposed)
    .map((round) => ({ ...round }))
    .sort((a, b) => a.number - b.number);
}

export function isProposed(round: Round | undefined): round is ProposedRound {
  return round?.proposed !== undefined;
}

/** What weighs the round's inputs, see `readReputations`: nothing after a round that started from the same model was skipped. */
export function reputationsOf({ rounds }: FederationState, { number, baseRound }: Round): Hash {
  const isDropped = [...rounds.values()].some(
    (other) => other.skipped && !other.voided && other.baseRound === baseRound && other.number < number,
  );
  const left = isDropped ? undefined : rounds.get(baseRound)?.proposed?.nextReputations;
  return left ?? new Uint8Array(32);
}

/** The addresses of a node, which it announces with spaces between: of its blobs, then, where that is another, of its documents. */
export function endpointsOf({ endpoints }: Pick<FederationState, 'endpoints'>, account: string): string[] {
  return (endpoints.get(account) ?? '').split(' ').filter((url) => url !== '');
}

/** Where its documents may be, the likeliest first. */
export function documentEndpointsOf(state: Pick<FederationState, 'endpoints'>, account: string): string[] {
  return endpointsOf(state, account)
    .filter((url) => /^https?:/.test(url))
    .reverse();
}

/** Those that were not proven false. */
export function standingSubmissions(round: Round): Submission[] {
  return [...round.submissions.values()].filter(({ slashed }) => !slashed);
}

/** Fewest updates that make an aggregate of the round: the parameter, or a majority of those that it waits for where that is 0. */
export function fewestUpdates({ minimumUpdates }: Pick<ParametersOnChain, 'minimumUpdates'>, round: Round): number {
  return minimumUpdates === 0 ? Math.floor(round.expectedTrainers / 2) + 1 : minimumUpdates;
}

/** When a round that nobody proposes is skipped, in seconds since 1970. */
export function skippedFrom(
  { submissionDeadline }: Pick<Round, 'submissionDeadline'>,
  { submissionSeconds, turnSeconds }: Pick<ParametersOnChain, 'submissionSeconds' | 'turnSeconds'>,
): number {
  return submissionDeadline + submissionSeconds + 2 * turnSeconds;
}

/** How many rounds are final. */
export function finalCount(state: FederationState): number {
  return proposedRounds(state).filter(({ final }) => final).length;
}

/** Everyone that the round waits for has submitted. */
export function allSubmitted(round: Round): boolean {
  return round.expectedTrainers > 0 && standingSubmissions(round).length >= round.expectedTrainers;
}
