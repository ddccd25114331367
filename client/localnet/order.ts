/** In which order the processes of a run are started. */
import { type Member, ringOf, seatOf } from './members.ts';
import type { StartOptions } from './options.ts';

/**
 * The first round opens with the last trainer: only when the evaluators have joined, who score what is proposed later, and start first. Where an
 * aggregator cheats, they join in the order that gives it the turn.
 */
export async function startInOrder(
  members: readonly Member[],
  { attack, resume }: Pick<StartOptions, 'attack' | 'resume'>,
  start: (member: Member) => void,
  hasJoined: (name: string) => Promise<unknown>,
): Promise<void> {
  const ring = attack.length === 0 ? [] : ringOf(members);
  for (const member of ring) {
    const joining = hasJoined(member.name);
    start(member);
    await joining;
  }
  const others = members.filter((member) => !ring.includes(member));
  const last = resume ? undefined : others.findLast((member) => seatOf(member) === 'trainer');
  const evaluators = others.filter((member) => seatOf(member) === 'evaluator');
  const joining = resume ? [] : evaluators.map(({ name }) => hasJoined(name));
  for (const member of evaluators) start(member);
  for (const member of others) if (member !== last && !evaluators.includes(member)) start(member);
  await Promise.all(joining);
  if (last !== undefined) start(last);
}
