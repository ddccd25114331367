/** Says for whom a round waits. */
import { type Round, skippedFrom } from '../chain/rounds.ts';
import type { Participant } from '../participant/participant.ts';
import type { Lack } from './inputs.ts';

export interface Waiting {
  /** Once for each edition of a round, and again where it is others. */
  report(round: Round, lack: Lack): void;
}

export function createWaiting(node: Pick<Participant, 'parameters' | 'report'>): Waiting {
  let said: string | undefined;
  return {
    report(round, { silent, given, needed }) {
      const { number, edition } = round;
      const key = [number, edition, given, ...silent].join(' ');
      if (key === said) return;
      said = key;
      const skippedAt = skippedFrom(round, node.parameters());
      node.report({ event: 'attestationsMissing', round: number, silent: [...silent], given, needed, skippedAt });
    },
  };
}
