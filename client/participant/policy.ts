/** What votes and the guardian have decided, as a node follows it: who is barred, whether rounds open. */
import { explainChainFailure, revertName } from '../chain/failure.ts';
import { formatTime } from '../core/format.ts';
import { insist } from './loop.ts';
import { callFederation, type Participant } from './participant.ts';

type Asking = Pick<Participant, 'federation' | 'account'>;

/** Errors: CHAIN_UNREACHABLE. */
export async function isBarred({ federation, account }: Asking): Promise<boolean> {
  return await federation.contracts.policy.isBarred(account).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'asking who is barred');
  });
}

/** Why a role ends: `done`, or that its account has been ejected, which is said. Errors: CHAIN_UNREACHABLE. */
export async function reasonToStop(node: Participant, done: string): Promise<string> {
  if (node.signal.aborted || !(await insist(node, 'asking who is barred', () => isBarred(node)))) return done;
  node.report({ event: 'ejected', account: node.account });
  return 'a vote has ejected the account; its stake can be withdrawn (`tributary unstake`, `tributary withdraw`)';
}

export interface Halt {
  /** No round opens before, in seconds since 1970; zero while nothing is paused. */
  pausedUntil: number;
  retired: boolean;
  /** A change waits until all rounds in flight are final. */
  changeWaits: boolean;
}

/** Errors: CHAIN_UNREACHABLE. */
export async function readHalt({ federation }: Pick<Participant, 'federation'>): Promise<Halt> {
  const { pausedUntil, retired, changeWaits } = await federation.contracts.policy.halt().catch((cause: unknown) => {
    throw explainChainFailure(cause, 'reading what halts rounds');
  });
  return { pausedUntil: Number(pausedUntil), retired, changeWaits };
}

/** A sentence's end; undefined where rounds open. */
export function describeHalt({ pausedUntil, retired, changeWaits }: Halt, now: number): string | undefined {
  if (retired) return 'nothing: a vote has retired the federation, and no round opens any more';
  if (pausedUntil > now) return `the end of the guardian's pause, ${formatTime(pausedUntil)} at the latest`;
  return changeWaits ? 'the rounds in flight to become final: then what was voted for is in force' : undefined;
}

/** A step: says why no round is open, once for each reason; where `opens`, it opens the next one after a pause. */
export function createHaltWatch(node: Participant, opens: boolean): () => Promise<boolean> {
  const { federation, report } = node;
  let said: string | undefined;

  return async () => {
    const { openRound, parameters, aggregators } = federation.state;
    if (openRound !== undefined || parameters === undefined) {
      said = undefined;
      return false;
    }
    const halt = await readHalt(node);
    const now = federation.chainTime();
    const reason = describeHalt(halt, now);
    if (reason !== undefined && reason !== said) report({ event: 'waiting', for: reason });
    said = reason;
    // the others follow where the first keeps silent
    const patience = [...aggregators].indexOf(node.account) * parameters.turnSeconds;
    const isOver = halt.pausedUntil > 0 && !halt.retired && now >= halt.pausedUntil + Math.max(0, patience);
    if (opens && isOver) await openNext();
    return false;
  };

  async function openNext(): Promise<void> {
    await callFederation(node, 'opening a round after a pause', 'openRound', []).catch((error: unknown) => {
      if (revertName(error) !== 'RoundOpen') throw error;
    });
  }
}
