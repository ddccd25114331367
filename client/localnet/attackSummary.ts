/** What was staged in a run, who was caught by which proof, and what it cost and earned. */
import type { VoidedProposal } from './gas.ts';
import type { Member } from './members.ts';
import type { TimedEvent } from './processes.ts';
import type { Verdict } from './verdicts.ts';

export interface StagedFault {
  attack: string;
  process: string;
  /** When it cheated, and what it did; null where it never came to it. */
  round: number | null;
  did: string | null;
  /** Slashed by a proof, refused by the contract at once, or neither. */
  outcome: 'slashed' | 'refused' | 'uncaught';
  /** The contract's function that proved it, or the error that refused it. */
  proof: string | null;
  caughtBy: string | null;
  /** What it lost of its stake, and the gas of the transaction it cheated with. */
  lostWei: string;
  gasSpent: number;
  /** What the challenger is owed of that; the gas of its proof alone, and with its announcements and demands. */
  earnedWei: string;
  challengeGas: number;
  challengerGas: number;
}

export interface AttackSummary {
  faults: StagedFault[];
  /** Proposals that count for nothing any more, and the rounds that were proposed again. */
  voided: VoidedProposal[];
  repeatedRounds: number[];
  accuracy: number;
  /** Of the same run without the attack; null where it was not run. */
  honestAccuracy: number | null;
}

type Cheat = Extract<TimedEvent, { event: 'cheated' }>;
type Refusal = Extract<TimedEvent, { event: 'refused' }>;

/** What the adversaries of a run say of themselves. */
export interface Confessions {
  observe(process: string, event: TimedEvent): void;
  faults(
    adversaries: readonly Member[],
    accountOf: (name: string) => string,
    verdicts: readonly Verdict[],
  ): StagedFault[];
}

export function createConfessions(nameOf: (account: string) => string): Confessions {
  const cheats = new Map<string, Cheat>();
  const refusals = new Map<string, Refusal>();

  function faultOf(member: Member, account: string, verdicts: readonly Verdict[]): StagedFault {
    const cheat = cheats.get(member.name);
    const refusal = refusals.get(member.name);
    const verdict = verdicts.find(({ offender }) => offender === account);
    const outcome = verdict ? 'slashed' : refusal ? 'refused' : 'uncaught';
    return {
      attack: member.staged!.attack,
      process: member.name,
      round: cheat?.round ?? null,
      did: cheat?.did ?? null,
      outcome,
      proof: verdict?.proof ?? refusal?.by ?? null,
      caughtBy: verdict ? nameOf(verdict.challenger) : refusal ? 'the contract' : null,
      lostWei: String(verdict?.takenWei ?? 0n),
      gasSpent: cheat?.gas ?? 0,
      earnedWei: String(verdict?.earnedWei ?? 0n),
      challengeGas: verdict?.gas ?? 0,
      challengerGas: verdict?.gasOfAll ?? 0,
    };
  }

  return {
    observe(process, event) {
      if (event.event === 'cheated') cheats.set(process, event);
      if (event.event === 'refused') refusals.set(process, event);
    },
    faults: (adversaries, accountOf, verdicts) =>
      adversaries.map((member) => faultOf(member, accountOf(member.name), verdicts)),
  };
}

/** What is wrong with how the run ended; undefined where every fault was staged and caught. */
export function complaintOf({ faults }: AttackSummary): string | undefined {
  const fault = faults.find(({ outcome }) => outcome === 'uncaught');
  if (fault === undefined) return undefined;
  const { process, attack, round } = fault;
  return round === null
    ? `${process} never came to commit its fault (${attack}): give more --rounds, or let it begin earlier.`
    : `${process} was not caught (${attack}, in round ${round}).`;
}
