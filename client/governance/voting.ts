/** Proposing, voting, carrying out, delegating: transactions on the governor, and what its refusals mean. */
import type { TransactionReceipt } from 'ethers';
import { refusal, type Sentences } from '../chain/failure.ts';
import { transact } from '../chain/federation.ts';
import type { Sender } from '../chain/sender.ts';
import { contractInterface, type MethodName } from '../contracts/contracts.ts';
import { formatTime } from '../core/format.ts';
import type { Call } from './call.ts';
import type { GovernanceClient } from './client.ts';
import { type GovernedName, governedContracts } from './governed.ts';
import { type Choice, choices, type Proposal } from './proposals.ts';
import { formatVotes } from './units.ts';

export interface Voter {
  client: GovernanceClient;
  sender: Sender;
}

/** As OpenZeppelin's Governor numbers them. */
export const proposalStates = [
  'pending',
  'active',
  'canceled',
  'defeated',
  'succeeded',
  'queued',
  'expired',
  'executed',
] as const;
export type ProposalState = (typeof proposalStates)[number];

/** Only `proposer` can propose this very text: nobody is faster with a copy and cancels it. */
export function withProposer(description: string, proposer: string): string {
  return `${description}\n#proposer=${proposer.toLowerCase()}`;
}

/** Answers the proposal's id. Errors: NOT_ELIGIBLE where votes are missing, CONFIG_INVALID, and those of `Sender.send`. */
export async function propose(
  voter: Voter,
  calls: readonly Call[],
  description: string,
): Promise<{ id: bigint; receipt: TransactionReceipt }> {
  const columns = [
    calls.map(({ target }) => target),
    calls.map(({ valueWei }) => valueWei),
    calls.map(({ data }) => data),
  ];
  const receipt = await send(voter, 'proposing', 'propose', [...columns, description], {
    GovernorInsufficientProposerVotes: ({ votes, threshold }) =>
      `Proposing takes ${formatVotes(threshold)}, but ${voter.sender.address} had ${formatVotes(votes)} a second ago: hold, stake, fund or be delegated more (\`tributary governance delegate\` counts your own tokens).`,
    CallNotGoverned: ({ target, selector }) =>
      `Governance may not call ${selector} of ${target}: what can be voted on is listed by \`tributary governance propose --help\`.`,
    GovernorUnexpectedProposalState: () => 'The same has been proposed before, in the same words: vote on it.',
  });
  const created = receipt.logs
    .map((log) => contractInterface('TributaryGovernor').parseLog(log))
    .find((log) => log?.name === 'ProposalCreated');
  return { id: created!.args.proposalId as bigint, receipt };
}

/** Errors: NOT_ELIGIBLE, and those of `Sender.send`. */
export async function castVote(voter: Voter, proposal: Proposal, choice: Choice): Promise<TransactionReceipt> {
  const { number, votingStartsAt, votingEndsAt } = proposal;
  return await send(voter, 'voting', 'castVote', [proposal.id, choices.indexOf(choice)], {
    GovernorAlreadyCastVote: ({ voter: account }) =>
      `${account} has voted on proposal ${number} already: a vote cannot be changed.`,
    GovernorUnexpectedProposalState: ({ current }) =>
      stateOf(current) === 'pending'
        ? `Voting on proposal ${number} begins ${formatTime(votingStartsAt)}: vote then.`
        : `Voting on proposal ${number} ended ${formatTime(votingEndsAt)}: it is ${stateOf(current)}.`,
  });
}

/** Errors: as `castVote`. */
export async function queueProposal(voter: Voter, proposal: Proposal): Promise<TransactionReceipt> {
  return await send(voter, 'queueing', 'queue', contents(proposal), {
    GovernorUnexpectedProposalState: ({ current }) => cannot(proposal, 'queued', stateOf(current)),
  });
}

/** Errors: as `castVote`; TRANSACTION_REVERTED where a call fails. */
export async function executeProposal(voter: Voter, proposal: Proposal): Promise<TransactionReceipt> {
  return await send(voter, 'executing', 'execute', contents(proposal), {
    GovernorUnexpectedProposalState: ({ current }) => cannot(proposal, 'executed', stateOf(current)),
    TimelockUnexpectedOperationState: () =>
      proposal.executableAt === undefined
        ? `Proposal ${proposal.number} is not queued: queue it first.`
        : `Proposal ${proposal.number} may be executed from ${formatTime(proposal.executableAt)} on: execute it then.`,
    ChangeInFlight: () =>
      'An earlier change of rewards is not over: rounds from before it are still being rewarded. Execute when they are.',
  });
}

const sources = ['token', 'stake', 'votingPower'] as const satisfies readonly GovernedName[];

/** Of tokens held, tokens staked, and funding; what is delegated to `to` already is skipped. Errors: those of `Sender.send`. */
export async function delegateVotes({ client, sender }: Voter, to: string): Promise<GovernedName[]> {
  const changed: GovernedName[] = [];
  for (const source of sources) {
    if ((await client.read(source, 'delegates', sender.address)) === to) continue;
    const step = `delegating votes of the ${source}`;
    await transact(sender, step, client.addresses[source], governedContracts[source], 'delegate', [to]);
    changed.push(source);
  }
  return changed;
}

async function send(
  { client, sender }: Voter,
  step: string,
  method: MethodName<'TributaryGovernor'>,
  args: readonly unknown[],
  sentences: Sentences,
): Promise<TransactionReceipt> {
  try {
    return await transact(sender, step, client.addresses.governor, 'TributaryGovernor', method, args);
  } catch (error) {
    throw refusal(error, sentences);
  }
}

function contents({ calls, descriptionHash }: Proposal): unknown[] {
  const columns = [
    calls.map(({ target }) => target),
    calls.map(({ valueWei }) => valueWei),
    calls.map(({ data }) => data),
  ];
  return [...columns, descriptionHash];
}

export function stateOf(number: unknown): ProposalState {
  return proposalStates[Number(number)]!;
}

function cannot({ number, votingStartsAt, votingEndsAt }: Proposal, done: string, state: ProposalState): string {
  const reasons: Record<ProposalState, string> = {
    pending: `voting on it begins ${formatTime(votingStartsAt)}`,
    active: `it is voted on until ${formatTime(votingEndsAt)}`,
    canceled: 'it was withdrawn',
    defeated: 'it was defeated, or too few have voted',
    succeeded: 'it is not queued: queue it first',
    queued: 'it is queued already',
    expired: 'its time is over',
    executed: 'it has been executed already',
  };
  return `Proposal ${number} cannot be ${done}: ${reasons[state]}.`;
}
