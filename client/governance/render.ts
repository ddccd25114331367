/** Proposals as text and as JSON. What others have written is shown without what a terminal would obey. */
import { printable } from '../chain/text.ts';
import { formatTime } from '../core/format.ts';
import type { Change } from './change.ts';
import type { UnreadCall } from './changes.ts';
import { choices } from './proposals.ts';
import { formatVotes } from './units.ts';
import type { ProposalView } from './view.ts';

/** In one line: the first change, and how many more there are. */
export function headlineOf({ effects }: Pick<ProposalView, 'effects'>): string {
  const [first, ...others] = effects.flatMap((effect) =>
    'why' in effect ? ['CANNOT BE READ: see `show`'] : effect.map(lineOf),
  );
  return others.length === 0 ? first! : `${first}, and ${others.length} more`;
}

export function renderView(view: ProposalView): string {
  const { number, id, proposer, state, votes, quorumWei, votingStartsAt, votingEndsAt, executableAt } = view;
  const reached = votes.for + votes.abstain >= quorumWei;
  return [
    `Proposal ${number} is ${state}`,
    `  id         ${id}`,
    `  proposer   ${proposer}`,
    '  what it does, read from its calls:',
    renderEffects(view.effects, '    '),
    `  its author says: ${printable(view.description)}`,
    `  for        ${formatVotes(votes.for)}`,
    `  against    ${formatVotes(votes.against)}`,
    `  abstain    ${formatVotes(votes.abstain)}`,
    `  quorum     ${formatVotes(quorumWei)}, ${reached ? '' : 'not '}reached`,
    `  voting     ${formatTime(votingStartsAt)} to ${formatTime(votingEndsAt)}`,
    ...(executableAt === undefined ? [] : [`  executable ${formatTime(executableAt)}`]),
  ].join('\n');
}

export function renderEffects(effects: ProposalView['effects'], indent = '  '): string {
  return effects
    .flatMap((effect) => ('why' in effect ? renderUnread(effect) : effect.map(lineOf)))
    .map((line) => indent + line)
    .join('\n');
}

function lineOf({ subject, words, now, next }: Change): string {
  return `${subject} (${words}): ${now === undefined ? next : `${now} → ${next}`}`;
}

function renderUnread({ call, why }: UnreadCall): string[] {
  return [
    `WARNING: this call cannot be put into words (${why}). Do not vote for it unless you know what it does.`,
    `  to ${call.target}, with ${call.valueWei} wei: ${call.data}`,
  ];
}

/** For programs. */
export function describeView(view: ProposalView): object {
  const { number, id, proposer, state, votes, quorumWei, description, votingStartsAt, votingEndsAt, executableAt } =
    view;
  return {
    number,
    id: String(id),
    state,
    proposer,
    effects: view.effects.map((effect) =>
      'why' in effect
        ? { unreadable: effect.why, call: { ...effect.call, valueWei: String(effect.call.valueWei) } }
        : { changes: effect },
    ),
    description,
    votes: Object.fromEntries(choices.map((choice) => [choice, String(votes[choice])])),
    quorumWei: String(quorumWei),
    votingStartsAt,
    votingEndsAt,
    executableAt: executableAt ?? null,
    ballots: [...view.ballots].map(([account, { choice, votesWei }]) => ({
      account,
      choice,
      votesWei: String(votesWei),
    })),
  };
}
