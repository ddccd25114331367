/** Proposing, voting and the rest, for the commands and for Hardhat's scripts alike. */
import type { TransactionReceipt } from 'ethers';
import { TributaryError } from '../../core/errors.ts';
import { formatTime } from '../../core/format.ts';
import { nearestName } from '../../core/nearestName.ts';
import { findAction } from '../../governance/actions.ts';
import { parseAddress } from '../../governance/arguments.ts';
import { type Choice, choices, type Proposal } from '../../governance/proposals.ts';
import { rehearse } from '../../governance/rehearsal.ts';
import { describeView, renderEffects, renderView } from '../../governance/render.ts';
import { formatVotes } from '../../governance/units.ts';
import { findProposal, viewProposal } from '../../governance/view.ts';
import {
  castVote,
  delegateVotes,
  executeProposal,
  propose as proposeCalls,
  queueProposal,
  type Voter,
  withProposer,
} from '../../governance/voting.ts';
import { print, printJson } from '../action.ts';
import type { SignerOptions } from '../signer.ts';
import { withVoter } from './opening.ts';

export interface ProposeOptions extends SignerOptions {
  reason?: string;
}

/** Errors: CONFIG_INVALID, NOT_ELIGIBLE, and those of the key and the chain. */
export async function propose(what: string, args: readonly string[], options: ProposeOptions): Promise<void> {
  const chosen = findAction(what);
  await withVoter(options, async (voter) => {
    const { client, sender } = voter;
    const calls = await chosen.encode(args, client);
    const warnings = await rehearse(calls, client);
    const title = `${what} ${args.join(' ')}`.trim();
    const text = options.reason === undefined ? title : `${title}: ${options.reason}`;
    const { id, receipt } = await proposeCalls(voter, calls, withProposer(text, sender.address));
    const view = await viewProposal(client, await findProposal(client, String(id)));
    if (options.json) return printJson({ ...describeView(view), gas: Number(receipt.gasUsed), warnings });
    print(`Proposal ${view.number} of ${sender.address}:`);
    print(renderEffects(view.effects));
    for (const warning of warnings) print(`  As things are now: ${warning}`);
    print(
      `Vote from ${formatTime(view.votingStartsAt)} to ${formatTime(view.votingEndsAt)}: \`tributary governance vote ${view.number} for\`.`,
    );
  });
}

/** Errors: as `propose`. */
export async function vote(id: string, text: string, options: SignerOptions): Promise<void> {
  const choice = readChoice(text);
  await carry(id, options, async (voter, proposal) => {
    await refuseVoteless(voter, proposal);
    return await castVote(voter, proposal, choice);
  });
}

/** Errors: as `propose`. */
export async function queue(id: string, options: SignerOptions): Promise<void> {
  await carry(id, options, queueProposal);
}

/** Errors: as `propose`. */
export async function execute(id: string, options: SignerOptions): Promise<void> {
  await carry(id, options, executeProposal);
}

/** Errors: as `propose`. */
export async function delegate(to: string | undefined, options: SignerOptions): Promise<void> {
  await withVoter(options, async (voter) => {
    const { client, sender } = voter;
    const delegatee = to === undefined ? sender.address : parseAddress(to);
    const changed = await delegateVotes(voter, delegatee);
    const votesWei = (await client.read('votingPower', 'getVotes', delegatee)) as bigint;
    const account = sender.address;
    if (options.json) printJson({ account, delegatee, changed, votesWei: String(votesWei) });
    else print(`The votes of ${account} are those of ${delegatee}, which has ${formatVotes(votesWei)} now.`);
  });
}

/** One transaction on a proposal, and what the proposal is after it. */
async function carry(
  id: string,
  options: SignerOptions,
  send: (voter: Voter, proposal: Proposal) => Promise<TransactionReceipt>,
): Promise<void> {
  await withVoter(options, async (voter) => {
    const { client } = voter;
    const { gasUsed } = await send(voter, await findProposal(client, id));
    const view = await viewProposal(client, await findProposal(client, id));
    if (options.json) printJson({ ...describeView(view), gas: Number(gasUsed) });
    else print(renderView(view));
  });
}

/** Who had no votes when voting began would pay for nothing. Errors: NOT_ELIGIBLE. */
async function refuseVoteless({ client, sender }: Voter, { number, votingStartsAt }: Proposal): Promise<void> {
  const now = (await client.provider.getBlock('latest'))!.timestamp;
  if (now <= votingStartsAt) return;
  const votesWei = (await client.read('governor', 'getVotes', sender.address, votingStartsAt)) as bigint;
  if (votesWei > 0n) return;
  throw new TributaryError(
    'NOT_ELIGIBLE',
    `${sender.address} had no votes when voting on proposal ${number} began, ${formatTime(votingStartsAt)}: votes count from before that on; \`tributary governance delegate\` makes those of held tokens count next time.`,
    { args: { account: sender.address } },
  );
}

/** Errors: CONFIG_INVALID. */
function readChoice(text: string): Choice {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new TributaryError(
    'CONFIG_INVALID',
    `"${text}" is no vote; did you mean ${nearestName(text, choices)}? There are: ${choices.join(', ')}.`,
    { args: { field: 'choice' } },
  );
}
