import { formatTime } from '../../core/format.ts';
import { readProposals } from '../../governance/proposals.ts';
import { describeView, headlineOf, renderView } from '../../governance/render.ts';
import { formatVotes } from '../../governance/units.ts';
import { findProposal, type ProposalView, viewProposal } from '../../governance/view.ts';
import { renderTable, terminalColumns } from '../../localnet/fitTable.ts';
import { print, printJson } from '../action.ts';
import type { ReaderOptions } from '../reader.ts';
import { withGovernance } from './opening.ts';

/** Errors: CHAIN_UNREACHABLE. */
export async function listProposals(options: ReaderOptions): Promise<void> {
  await withGovernance(options, async (client) => {
    const proposals = await readProposals(client.provider, client.addresses.governor, client.deployBlock);
    const views = await Promise.all(proposals.map((proposal) => viewProposal(client, proposal)));
    if (options.json) printJson(views.map(describeView));
    else print(views.length === 0 ? 'Nothing has been proposed yet.' : renderList(views));
  });
}

/** Errors: CONFIG_INVALID, CHAIN_UNREACHABLE. */
export async function showProposal(id: string, options: ReaderOptions): Promise<void> {
  await withGovernance(options, async (client) => {
    const view = await viewProposal(client, await findProposal(client, id));
    if (options.json) printJson(describeView(view));
    else print(renderView(view));
  });
}

function renderList(views: readonly ProposalView[]): string {
  const head = ['', 'state', 'for', 'against', 'quorum', 'voting ends', 'what it does'];
  const rows = views.map((view) => {
    const { number, state, votes, quorumWei, votingEndsAt } = view;
    const quorum = formatVotes(quorumWei);
    const ends = formatTime(votingEndsAt);
    return [number, state, formatVotes(votes.for), formatVotes(votes.against), quorum, ends, headlineOf(view)];
  });
  return renderTable({ head, rows, optional: ['quorum', 'against'] }, terminalColumns());
}
