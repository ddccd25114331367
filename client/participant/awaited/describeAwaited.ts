/** A sentence, without its round, for what a round waits for. */
import { formatAccount, formatTime } from '../../core/format.ts';
import type { Role } from '../role.ts';
import type { Awaited, Member, Stage } from './awaited.ts';

/** So many are named; of the others it is said how many they are. */
const mostNamed = 6;

export function describeAwaited(awaited: Awaited): string {
  return sentences[awaited.stage](awaited);
}

type Describe = (awaited: Awaited) => string;

const sentences: Record<Stage, Describe> = {
  trainers: ({ needed }) => `waits for ${needed} more ${needed === 1 ? 'trainer' : 'trainers'} to join`,
  aggregators: () => 'waits for an aggregator to join',
  earlierRounds: () => 'waits for earlier rounds to become final',
  submissions: ({ whom, until }) =>
    `waits for the updates of ${list(whom)} until ${time(until)}, and goes on without them then`,
  attestations: ({ whom, until, needed }) =>
    `waits for ${needed === null ? 'a majority' : `${needed} more`} of ${list(whom)} to attest its inputs, and is skipped from ${time(until)} on`,
  proposal: ({ whom, until }) =>
    whom.length === 1
      ? `waits for ${list(whom)} to propose until ${time(until)}`
      : `waits for one of ${list(whom)} to propose, and is skipped from ${time(until)} on`,
  skip: ({ needed, until }) => `has ${needed} updates too few, and is skipped from ${time(until)} on`,
  answers: ({ whom, until }) =>
    `waits for ${list(whom)} to show what was demanded of its proposal until ${time(until)}, which is void then`,
  challenges: ({ whom, until }) => `is final from ${time(until)} on, unless the proposal of ${list(whom)} is refuted`,
  finalization: ({ whom }) => `waits for ${list(whom)} to make it final`,
  scores: ({ whom, until }) => `waits for ${list(whom)} to commit to scores until ${time(until)}`,
  reveals: ({ whom, until }) => `waits for ${list(whom)} to reveal scores until ${time(until)}`,
  publications: ({ whom, until }) =>
    `waits for ${list(whom)} to publish the scores that were demanded until ${time(until)}`,
  statement: ({ whom, until }) =>
    `waits for ${list(whom)} to state its rewards${until === null ? '' : ` until ${time(until)}, and then for any aggregator`}`,
  rewardChallenges: ({ whom, until }) =>
    `has its rewards final from ${time(until)} on, unless what ${list(whom)} stated is refuted`,
  rewardFinalization: ({ whom }) => `waits for ${list(whom)} to make its rewards final`,
};

function time(seconds: number | null): string {
  return seconds === null ? 'an open end' : formatTime(seconds);
}

/** `trainers 0x1234…abcd and 0x…; evaluator 0x…`. */
function list(whom: readonly Member[]): string {
  if (whom.length === 0) return 'nobody that is known';
  const roles = new Set(whom.map(({ role }) => role));
  return [...roles]
    .map((role) =>
      listOf(
        role,
        whom.filter((member) => member.role === role),
      ),
    )
    .join(', ');
}

function listOf(role: Role, members: readonly Member[]): string {
  const named = members.slice(0, mostNamed).map(({ account }) => formatAccount(account));
  const hidden = members.length - named.length;
  return `${role}${members.length === 1 ? '' : 's'} ${named.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}
