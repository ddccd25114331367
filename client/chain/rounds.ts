/** What the events of a federation say, folded into its present state. */
import type { Result } from 'ethers';
import { fromHex, type Hash } from '../core/hash.ts';
import { maxInputs } from '../core/numbers.ts';
import type { ChainEvent } from './events.ts';
import { type ParametersOnChain, readParameters } from './parameters.ts';
import { printable, readText } from './text.ts';
import { unpackTerms } from './updateTerms.ts';

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
  /** A proposal of it was voided. */
  reopened: boolean;
  /** Trainers that have a mark for it, because nobody could fetch their updates. */
  unserved: Set<string>;
  proposed?: ProposedAggregate;
  final: boolean;
  /** Given up without a proposal. */
  skipped: boolean;
  /** It stood on a proposal that was refuted: its submissions count for nothing. */
  voided: boolean;
}

export type ProposedRound = Round & { proposed: ProposedAggregate };

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

/** One event further. */
export function applyEventInPlace(state: FederationState, event: ChainEvent): void {
  const { args } = event;
  switch (event.name) {
    case 'ParametersChanged':
      state.parameters = readParameters(args.parameters as Result);
      break;
    case 'RoundOpened':
      state.openRound = Number(args.round);
      state.rounds.set(Number(args.round), {
        number: Number(args.round),
        baseRound: Number(args.baseRound),
        edition: state.edition,
        earlierEditions: [],
        expectedTrainers: Number(args.expectedTrainers),
        openedBlock: event.blockNumber,
        submissionDeadline: Number(args.submissionDeadline),
        submissions: new Map(),
        reopened: false,
        unserved: new Set(),
        final: false,
        skipped: false,
        voided: false,
      });
      break;
    case 'UpdateSubmitted': {
      const { round: number, squaredNorm, weight } = unpackTerms(args.terms as bigint);
      const round = state.rounds.get(number);
      round?.submissions.set(args.trainer as string, {
        trainer: args.trainer as string,
        commitment: fromHex(args.commitment as string),
        cid: fromHex(args.cid as string),
        squaredNorm,
        weight,
        transactionHash: event.transactionHash,
        slashed: false,
      });
      break;
    }
    case 'AggregateProposed': {
      const round = state.rounds.get(Number(args.round));
      if (round === undefined) break;
      const { id, blockNumber } = event;
      const proposal = readProposal(args.proposal as Result);
      const omitted = [...(args.omitted as Result)] as string[];
      round.proposed = {
        id,
        proposer: args.proposer as string,
        proposal,
        omitted,
        included: standingSubmissions(round)
          .map(({ trainer }) => trainer)
          .filter((trainer) => !omitted.includes(trainer)),
        closesAt: Number(args.closesAt),
        proposedAt: Number(args.closesAt) - (state.parameters?.challengeSeconds ?? 0),
        nextReputations: fromHex(args.nextReputations as string),
        blockNumber,
      };
      if (state.openRound === round.number) state.openRound = undefined;
      break;
    }
    case 'ProposalHeld': {
      const proposed = state.rounds.get(Number(args.round))?.proposed;
      if (proposed !== undefined) proposed.closesAt = Number(args.closesAt);
      break;
    }
    case 'ProposalVoided':
      voidFrom(state, Number(args.round));
      break;
    case 'RoundReopened':
      reopen(state, args);
      break;
    case 'EditionChanged':
      changeEdition(state, args);
      break;
    case 'RoundSkipped': {
      const round = state.rounds.get(Number(args.round));
      if (round !== undefined) round.skipped = true;
      if (state.openRound === Number(args.round)) state.openRound = undefined;
      break;
    }
    case 'RoundFinalized': {
      state.finalRound = Number(args.round);
      const round = state.rounds.get(Number(args.round));
      if (round !== undefined) round.final = true;
      break;
    }
    case 'TrainerJoined':
      state.trainers.set(args.trainer as string, Number(args.fromRound));
      break;
    case 'TrainerSlashed':
      forgetSubmission(state, Number(args.round), args.trainer as string);
      break;
    case 'TrainerUnserved':
      state.rounds.get(Number(args.round))?.unserved.add(args.trainer as string);
      break;
    case 'TrainerAbsent':
      state.mayJoinAt.set(args.trainer as string, Number(args.mayJoinAt));
      stopWaitingFor(state, args.trainer as string);
      state.trainers.delete(args.trainer as string);
      break;
    case 'TrainerLeft':
      stopWaitingFor(state, args.trainer as string);
      state.trainers.delete(args.trainer as string);
      break;
    case 'AggregatorJoined':
      state.aggregators.add(args.aggregator as string);
      break;
    case 'AggregatorLeft':
      state.aggregators.delete(args.aggregator as string);
      break;
    case 'EndpointAnnounced':
      state.endpoints.set(args.account as string, printable(readText(args, 'endpoint').text));
      break;
  }
}

/** Its proposal is void, and so is what stood on it. */
function voidFrom(state: FederationState, number: number): void {
  for (const round of state.rounds.values()) {
    if (round.number < number) continue;
    delete round.proposed;
    if (round.number > number) round.voided = true;
  }
}

/** It waits again for what it waited for: submissions that have not come, and a proposal. */
function reopen(state: FederationState, args: Result): void {
  const round = state.rounds.get(Number(args.round));
  state.openRound = Number(args.round);
  if (round === undefined) return;
  changeEdition(state, args);
  round.reopened = true;
  round.expectedTrainers = Number(args.expectedTrainers);
  round.submissionDeadline = Number(args.submissionDeadline);
}

function changeEdition(state: FederationState, args: Result): void {
  state.edition = Number(args.edition);
  const round = state.rounds.get(Number(args.round));
  if (round === undefined) return;
  round.earlierEditions.push(round.edition);
  round.edition = state.edition;
}

/** A submission that was proven false counts for nothing, and is waited for no more. */
function forgetSubmission(state: FederationState, number: number, trainer: string): void {
  const round = state.rounds.get(number);
  const submission = round?.submissions.get(trainer);
  if (round === undefined || submission === undefined) return;
  submission.slashed = true;
  if (state.openRound === number && round.expectedTrainers < maxInputs) round.expectedTrainers--;
}

/** The open round waits no longer for a trainer that leaves before it has submitted. */
function stopWaitingFor(state: FederationState, trainer: string): void {
  const open = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
  const fromRound = state.trainers.get(trainer);
  if (open === undefined || fromRound === undefined || fromRound > open.number || open.submissions.has(trainer)) return;
  if (open.expectedTrainers < maxInputs) open.expectedTrainers--;
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

/** How many rounds are final. */
export function finalCount(state: FederationState): number {
  return proposedRounds(state).filter(({ final }) => final).length;
}

/** Everyone that the round waits for has submitted. */
export function allSubmitted(round: Round): boolean {
  return round.expectedTrainers > 0 && standingSubmissions(round).length >= round.expectedTrainers;
}
