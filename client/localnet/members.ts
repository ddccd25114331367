/** Who takes part in a run: each a process of its own. */
import type { Role } from '../participant/events.ts';
import { roleOf, type StagedAttack } from './attackNotation.ts';
import type { StartOptions } from './options.ts';

export interface Member {
  /** As it is shown: `trainer 1`. */
  name: string;
  role: Role | 'adversary';
  /** From 1 on, within its role. */
  number: number;
  /** What an adversary stages. */
  staged?: StagedAttack;
}

/** The honest ones first: their keys are those of a run without adversaries. */
export function membersOf({ trainers, aggregators, watchtowers, evaluators, attack }: StartOptions): Member[] {
  const several = (role: Member['role'], count: number) =>
    Array.from({ length: count }, (_, index): Member => ({ name: `${role} ${index + 1}`, role, number: index + 1 }));
  return [
    ...several('trainer', trainers),
    ...several('aggregator', aggregators),
    ...several('watchtower', watchtowers),
    ...several('evaluator', evaluators),
    ...several('adversary', attack.length).map((member, index) => ({ ...member, staged: attack[index]! })),
  ];
}

/** As what it takes part. */
export function seatOf({ role, staged }: Member): Role {
  return role === 'adversary' ? roleOf(staged!) : role;
}

/**
 * The aggregators in the order in which they are to join: number `round mod n` proposes first, and a cheat is to have the turn
 * in its round.
 */
export function ringOf(members: readonly Member[]): Member[] {
  const aggregators = members.filter((member) => seatOf(member) === 'aggregator');
  const ring = new Array<Member | undefined>(aggregators.length).fill(undefined);
  const [cheats, others] = [aggregators.filter(isProposingCheat), aggregators.filter((one) => !isProposingCheat(one))];
  for (const cheat of cheats) {
    let place = cheat.staged!.round % ring.length;
    while (ring[place] !== undefined) place = (place + 1) % ring.length;
    ring[place] = cheat;
  }
  return ring.map((member) => member ?? others.shift()!);
}

/** One that only signs needs no turn. */
function isProposingCheat({ staged }: Member): boolean {
  return staged !== undefined && staged.attack !== 'equivocate';
}
