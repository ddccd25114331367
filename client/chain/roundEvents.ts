/** What a federation's events change in its state. */
import type { Result } from 'ethers';
import type { EventName } from '../contracts/contracts.ts';
import { fromHex } from '../core/hash.ts';
import { maxInputs } from '../core/numbers.ts';
import type { ChainEvent } from './events.ts';
import { readParameters } from './parameters.ts';
import { type FederationState, readProposal, standingSubmissions } from './rounds.ts';
import { printable, readText } from './text.ts';
import { unpackTerms } from './updateTerms.ts';

/** One event further. */
export function applyEventInPlace(state: FederationState, event: ChainEvent<'Federation'>): void {
  changes[event.name]?.(state, event);
}

type Change = (state: FederationState, event: ChainEvent<'Federation'>) => void;

/** What is not here changes nothing that is kept. */
const changes: Partial<Record<EventName<'Federation'>, Change>> = {
  ParametersChanged(state, { args }) {
    state.parameters = readParameters(args.parameters as Result);
  },
  RoundOpened: openRound,
  UpdateSubmitted(state, { args, transactionHash }) {
    const { round, squaredNorm, weight } = unpackTerms(args.terms as bigint);
    state.rounds.get(round)?.submissions.set(args.trainer as string, {
      trainer: args.trainer as string,
      commitment: fromHex(args.commitment as string),
      cid: fromHex(args.cid as string),
      squaredNorm,
      weight,
      transactionHash,
      slashed: false,
    });
  },
  AggregateProposed: propose,
  ProposalHeld(state, { args }) {
    const proposed = state.rounds.get(Number(args.round))?.proposed;
    if (proposed !== undefined) proposed.closesAt = Number(args.closesAt);
  },
  ProposalVoided(state, { args }) {
    voidFrom(state, Number(args.round));
    reopen(state, args);
  },
  RoundSkipped(state, { args }) {
    const round = state.rounds.get(Number(args.round));
    if (round !== undefined) round.skipped = true;
    if (state.openRound === Number(args.round)) state.openRound = undefined;
  },
  RoundFinalized(state, { args }) {
    state.finalRound = Number(args.round);
    const round = state.rounds.get(Number(args.round));
    if (round !== undefined) round.final = true;
  },
  TrainerJoined(state, { args }) {
    state.trainers.set(args.trainer as string, Number(args.fromRound));
  },
  TrainerSlashed(state, { args }) {
    forgetSubmission(state, Number(args.round), args.trainer as string);
    if (Number(args.edition) !== state.edition) changeEdition(state, args);
  },
  TrainerUnserved(state, { args }) {
    state.rounds.get(Number(args.round))?.unserved.add(args.trainer as string);
  },
  TrainerAbsent(state, { args }) {
    state.mayJoinAt.set(args.trainer as string, Number(args.mayJoinAt));
    removeTrainer(state, args.trainer as string);
  },
  TrainerLeft(state, { args }) {
    removeTrainer(state, args.trainer as string);
  },
  AggregatorJoined(state, { args }) {
    state.aggregators.add(args.aggregator as string);
  },
  AggregatorLeft(state, { args }) {
    state.aggregators.delete(args.aggregator as string);
  },
  EndpointAnnounced(state, { args }) {
    state.endpoints.set(args.account as string, printable(readText(args, 'endpoint').text));
  },
};

function openRound(state: FederationState, { args, blockNumber }: ChainEvent<'Federation'>): void {
  const number = Number(args.round);
  state.openRound = number;
  state.rounds.set(number, {
    number,
    baseRound: Number(args.baseRound),
    edition: state.edition,
    earlierEditions: [],
    expectedTrainers: Number(args.expectedTrainers),
    openedBlock: blockNumber,
    submissionDeadline: Number(args.submissionDeadline),
    submissions: new Map(),
    unserved: new Set(),
    final: false,
    skipped: false,
    voided: false,
  });
}

function propose(state: FederationState, { id, args, blockNumber }: ChainEvent<'Federation'>): void {
  const round = state.rounds.get(Number(args.round));
  if (round === undefined) return;
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

function removeTrainer(state: FederationState, trainer: string): void {
  stopWaitingFor(state, trainer);
  state.trainers.delete(trainer);
}

/** The open round waits no longer for a trainer that leaves before it has submitted. */
function stopWaitingFor(state: FederationState, trainer: string): void {
  const open = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
  const fromRound = state.trainers.get(trainer);
  if (open === undefined || fromRound === undefined || fromRound > open.number || open.submissions.has(trainer)) return;
  if (open.expectedTrainers < maxInputs) open.expectedTrainers--;
}
