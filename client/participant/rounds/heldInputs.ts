/**
 * What a node holds of a round's submissions: fetched, verified, weighed as the chain says, and pinned, so that others find it here. Where
 * some cannot be fetched, all look until the same moment, half a turn after the deadline, and serve each other what they find.
 */
import { allSubmitted, type Round, reputationsOf, type Submission, standingSubmissions } from '../../chain/rounds.ts';
import type { VerifiedUpdate } from '../../core/columns.ts';
import type { Hash } from '../../core/hash.ts';
import { buildInputsTree } from '../../core/inputs.ts';
import { type Reputations, weigh } from '../../core/rewards/reputations.ts';
import { sumTreeRoot } from '../../core/sumTree.ts';
import type { Participant } from '../participant.ts';
import { createUpdates, type Updates } from './updates.ts';

/** What is left of a turn when the search for missing updates ends: time to attest, aggregate and propose. */
const searchShareOfTurn = 0.5;
/** How long an update that another elector attests is waited for: while it arrives, and while all who may serve it say that they have it not. */
const adoptShareOfTurn = 0.125;
const adoptPatienceMs = 4000;
/** A chain without blocks after the deadline is taken to have had its last submission after this. */
const quietShareOfTurn = 0.25;
/** How long is looked in one step; the next one goes on. */
const searchMs = 500;

export interface HeldInputs {
  /** The round as the chain has it now. */
  roundNow(): Round;
  /** The updates that are here, of those whose submissions still stand, with the weight that their trainers' reputations leave them. */
  verified(): VerifiedUpdate[];
  /** Submissions that stand and are not here. */
  missing(): Submission[];
  /** The word by which they are weighed. */
  reputations(): Hash;
  /** So many seconds are over since the deadline. */
  deadlinePassed(seconds?: number): boolean;
  /** No submission can come any more that was not read. */
  takesNoMore(): Promise<boolean>;
  /** Fetches what is missing, for a moment: each step goes on with it. Errors: those of `ReputationsReader`. */
  search(): Promise<void>;
  /** What is missing then is left out. */
  searchIsOver(): boolean;
  /** The turn of who proposes first is over. */
  turnIsOver(): boolean;
  /** Looks once more for those of these trainers that are missing. */
  adopt(trainers: ReadonlySet<string>): Promise<void>;
  /** Pins what was verified. */
  keep(): Promise<void>;
}

/** `updates` are those that the node has fetched of the round so far. */
export function createHeldInputs(
  node: Participant,
  roundNow: () => Round,
  updates: Updates = createUpdates(node, roundNow()),
): HeldInputs {
  const { federation, parameters } = node;
  const kept = new Map<string, Promise<unknown>>();
  /** The edition for which was looked when the search was over. */
  let lookedLate: number | undefined;
  let weighing: { word: Hash; reputations: Reputations | undefined } = {
    word: new Uint8Array(32),
    reputations: undefined,
  };

  function deadlinePassed(seconds = 0): boolean {
    return federation.chainTime() >= roundNow().submissionDeadline + seconds;
  }

  function verified(): VerifiedUpdate[] {
    const here = standingSubmissions(roundNow()).flatMap(({ trainer }) => updates.verified.get(trainer) ?? []);
    return here.map((update) => ({ ...update, weight: weigh(weighing.reputations, update.trainer, update.weight) }));
  }

  function missing(): Submission[] {
    return standingSubmissions(roundNow()).filter(({ trainer }) => !updates.verified.has(trainer));
  }

  async function search(): Promise<void> {
    const word = reputationsOf(federation.state, roundNow());
    weighing = { word, reputations: await node.reputations(word) };
    const { edition } = roundNow();
    const isOver = deadlinePassed(parameters().turnSeconds * searchShareOfTurn);
    // what comes while the others agree on what they have would part them
    if (isOver && lookedLate === edition && !turnIsOver()) return;
    await updates.fetch(missing(), Date.now() + searchMs);
    if (isOver) lookedLate = edition;
    // the others find here what they miss too
    if (missing().length > 0 && deadlinePassed()) await keep();
  }

  async function takesNoMore(): Promise<boolean> {
    const { submissionDeadline } = roundNow();
    if (allSubmitted(roundNow()) || federation.head().timestamp >= submissionDeadline) return true;
    if (!deadlinePassed(parameters().turnSeconds * quietShareOfTurn)) return false;
    await federation.sync();
    return true;
  }

  function searchIsOver(): boolean {
    if (missing().length === 0) return true;
    if (!deadlinePassed()) return false;
    // what is wrong is wrong for everybody: its bytes are those of its CID
    const hopeless = missing().every(({ trainer }) => updates.wrong.has(trainer));
    return hopeless || deadlinePassed(parameters().turnSeconds * searchShareOfTurn);
  }

  function turnIsOver(): boolean {
    return deadlinePassed(parameters().turnSeconds);
  }

  async function adopt(trainers: ReadonlySet<string>): Promise<void> {
    const mayCome = ({ trainer }: Submission) => trainers.has(trainer.toLowerCase()) && !updates.wrong.has(trainer);
    const wanted = () => missing().filter(mayCome);
    const startedAt = Date.now();
    const untilMs = startedAt + parameters().turnSeconds * adoptShareOfTurn * 1000;
    const isHopeless = () => Date.now() > startedAt + adoptPatienceMs && !wanted().some(isArriving);
    while (wanted().length > 0 && Date.now() < untilMs && !isHopeless() && !node.signal.aborted) {
      await updates.fetch(wanted(), Math.min(untilMs, Date.now() + searchMs));
    }
  }

  function isArriving({ trainer }: Submission): boolean {
    return updates.isArriving(trainer);
  }

  async function keep(): Promise<void> {
    await Promise.all(verified().map(keepOne));
  }

  function keepOne({ trainer, bytes }: VerifiedUpdate): Promise<unknown> {
    const before = kept.get(trainer);
    if (before !== undefined) return before;
    const keeping = node.store.put(bytes).catch((error: unknown) => {
      kept.delete(trainer);
      throw error;
    });
    kept.set(trainer, keeping);
    return keeping;
  }

  return {
    roundNow,
    verified,
    missing,
    reputations: () => weighing.word,
    deadlinePassed,
    takesNoMore,
    search,
    searchIsOver,
    turnIsOver,
    adopt,
    keep,
  };
}

export function inputsRootOf(updates: readonly VerifiedUpdate[]): Hash {
  return sumTreeRoot(buildInputsTree(updates).tree).hash;
}
