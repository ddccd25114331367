/** What the governor's events say, folded into its proposals. Times in seconds since 1970, votes in wei. */
import { keccak256, type Result, toBigInt } from 'ethers';
import { type ChainEvent, createEventFeed } from '../chain/events.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { readText } from '../chain/text.ts';
import type { Call } from './call.ts';

export const choices = ['against', 'for', 'abstain'] as const;
export type Choice = (typeof choices)[number];

export interface Ballot {
  choice: Choice;
  votesWei: bigint;
}

export interface Proposal {
  /** Its number among all, from 1: shorter than its id. */
  number: number;
  id: bigint;
  proposer: string;
  calls: readonly Call[];
  /** What its author says. */
  description: string;
  /** Of its bytes: they may be no text. */
  descriptionHash: string;
  votingStartsAt: number;
  votingEndsAt: number;
  ballots: Map<string, Ballot>;
  /** When it may be executed, once it is queued. */
  executableAt?: number;
  executed: boolean;
  canceled: boolean;
  transactionHash: string;
}

/** Reads all there have been. Errors: CHAIN_UNREACHABLE. */
export async function readProposals(
  provider: ChainProvider,
  governor: string,
  deployBlock: number,
): Promise<Proposal[]> {
  const feed = createEventFeed(provider, governor, 'TributaryGovernor', deployBlock);
  const { events } = await feed.poll();
  const proposals = new Map<bigint, Proposal>();
  for (const event of events) applyEventInPlace(proposals, event);
  return [...proposals.values()];
}

export function applyEventInPlace(proposals: Map<bigint, Proposal>, event: ChainEvent<'TributaryGovernor'>): void {
  const { name, args } = event;
  if (name === 'ProposalCreated') {
    proposals.set(args.proposalId as bigint, readCreated(event, proposals.size + 1));
    return;
  }
  const proposal = proposals.get(args.proposalId as bigint);
  if (proposal === undefined) return;
  switch (name) {
    case 'VoteCast':
    case 'VoteCastWithParams':
      proposal.ballots.set(args.voter as string, {
        choice: choices[Number(args.support)]!,
        votesWei: args.weight as bigint,
      });
      break;
    case 'ProposalExtended':
      proposal.votingEndsAt = Number(args.extendedDeadline);
      break;
    case 'ProposalQueued':
      proposal.executableAt = Number(args.etaSeconds);
      break;
    case 'ProposalExecuted':
      proposal.executed = true;
      break;
    case 'ProposalCanceled':
      proposal.canceled = true;
      break;
  }
}

function readCreated({ args, transactionHash }: ChainEvent<'TributaryGovernor'>, number: number): Proposal {
  // `values` is also a method of the list of arguments
  const targets = [...(args.targets as Result)] as string[];
  const values = [...(args[3] as Result)] as bigint[];
  const calldatas = [...(args.calldatas as Result)] as string[];
  const description = readText(args, 'description');
  return {
    number,
    id: args.proposalId as bigint,
    proposer: args.proposer as string,
    calls: targets.map((target, index) => ({
      target,
      valueWei: toBigInt(values[index]!),
      data: calldatas[index]!,
    })),
    description: description.text,
    descriptionHash: keccak256(description.bytes),
    votingStartsAt: Number(args.voteStart),
    votingEndsAt: Number(args.voteEnd),
    ballots: new Map(),
    executed: false,
    canceled: false,
    transactionHash,
  };
}

export function tally({ ballots }: Pick<Proposal, 'ballots'>): Record<Choice, bigint> {
  const sums = { against: 0n, for: 0n, abstain: 0n };
  for (const { choice, votesWei } of ballots.values()) sums[choice] += votesWei;
  return sums;
}
