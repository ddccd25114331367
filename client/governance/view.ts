/** A proposal as it is shown: its state, its votes, and what it does. */
import { TributaryError } from '../core/errors.ts';
import type { Change } from './change.ts';
import { readCall, type UnreadCall } from './changes.ts';
import type { GovernanceClient } from './client.ts';
import { type Choice, type Proposal, readProposals, tally } from './proposals.ts';
import { type ProposalState, stateOf } from './voting.ts';

export interface ProposalView extends Proposal {
  state: ProposalState;
  votes: Record<Choice, bigint>;
  /** Votes for and abstentions that it takes. */
  quorumWei: bigint;
  /** For each call. */
  effects: readonly (readonly Change[] | UnreadCall)[];
}

/** Errors: CHAIN_UNREACHABLE. */
export async function viewProposal(client: GovernanceClient, proposal: Proposal): Promise<ProposalView> {
  const state = stateOf(await client.read('governor', 'state', proposal.id));
  const quorumWei = (await client.read('governor', 'proposalQuorum', proposal.id)) as bigint;
  const effects = await Promise.all(proposal.calls.map((call) => readCall(call, client)));
  return { ...proposal, state, votes: tally(proposal), quorumWei, effects };
}

/** By its number or its id. Errors: CONFIG_INVALID, CHAIN_UNREACHABLE. */
export async function findProposal(client: GovernanceClient, text: string): Promise<Proposal> {
  const proposals = await readProposals(client.provider, client.addresses.governor, client.deployBlock);
  const found = /^\d{1,78}$/.test(text)
    ? proposals.find(({ number, id }) => String(number) === text || id === BigInt(text))
    : undefined;
  if (found !== undefined) return found;
  const there = proposals.length === 0 ? 'there is none yet' : `there are 1 to ${proposals.length}`;
  throw new TributaryError('CONFIG_INVALID', `"${text}" is no proposal: ${there}.`, { args: { field: 'proposal' } });
}
