/** Where inputs lie, so that a difference of finite size meets no corner. */
import type { Subject } from '../operatorCheck.ts';

/** By operator, then by what is special. */
export type Subjects = Readonly<Record<string, Readonly<Record<string, Subject>>>>;

/** Distinct values, further apart than the difference's step, so that no maximum changes hands. */
export function distinct(_: number, place: number): number {
  return ((place * 37) % 101) / 16 - 3;
}

/** Away from zero, where ReLU has no derivative. */
export function awayFromZero(random: number): number {
  return random < 0.5 ? random - 0.6 : random + 0.1;
}

export function positive(random: number): number {
  return 0.5 + random;
}

/** Between −4 and 4, away from multiples of one half. */
export function betweenHalves(random: number): number {
  return Math.floor(random * 16) / 2 - 4 + 0.1 + 0.3 * ((random * 16) % 1);
}
