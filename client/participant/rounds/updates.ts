/** The updates of a round, fetched from those who made them and verified against what they committed to. */

import pLimit from 'p-limit';
import type { Round, Submission } from '../../chain/rounds.ts';
import { cidFromDigest } from '../../core/cid.ts';
import type { VerifiedUpdate } from '../../core/columns.ts';
import { TributaryError } from '../../core/errors.ts';
import { toHex } from '../../core/hash.ts';
import { updateBytes } from '../../core/numbers.ts';
import { verifyUpdate } from '../../core/verify.ts';
import { fetchBlob } from '../fetchBlob.ts';
import { keepNewestInPlace } from '../keepNewest.ts';
import type { Observer, Participant } from '../participant.ts';
import { membersThatAttest } from './electors.ts';
import { keptRounds } from './retention.ts';

/** How many are fetched at the same time. */
const fetchesAtOnce = 8;
/** Pause before a peer that has not served yet is asked again, doubled up to the longest. */
const shortestPauseMs = 20;
const longestPauseMs = 1000;

/** The updates of one round, as they arrive. */
export interface Updates {
  /** Verified updates of the round so far, by trainer. */
  readonly verified: Map<string, VerifiedUpdate>;
  /** Trainers whose blob is wrong for good, with the reason. */
  readonly wrong: Map<string, string>;
  /** The bytes of those that arrived and are not what was claimed of them. */
  readonly rejected: Map<string, Uint8Array>;
  /**
   * Fetches those of `wanted` that are not here yet; asks again until each has come, is wrong, or `untilMs` (wall clock)
   * has passed; what is arriving then goes on arriving after it has answered. Never throws for a blob: what fails is unavailable.
   */
  fetch(wanted: readonly Submission[], untilMs: number): Promise<void>;
  /** True while somebody who may serve the trainer's update has not answered, or its bytes are coming. */
  isArriving(trainer: string): boolean;
}

/** `keep` is called with each update that was verified. */
export function createUpdates(
  node: Observer,
  round: Round,
  keep: (update: VerifiedUpdate) => Promise<void> = async () => undefined,
): Updates {
  const verified = new Map<string, VerifiedUpdate>();
  const wrong = new Map<string, string>();
  const rejected = new Map<string, Uint8Array>();
  const bytes = updateBytes(node.task.dimension);
  const limit = pLimit(fetchesAtOnce);
  const searches = new Map<string, Promise<void>>();
  const said = new Set<string>();

  async function fetchOne(submission: Submission, untilMs: number): Promise<void> {
    const { trainer, cid } = submission;
    for (let pause = shortestPauseMs; !node.signal.aborted; pause = Math.min(2 * pause, longestPauseMs)) {
      const startedAt = performance.now();
      let blob: Uint8Array | undefined;
      try {
        // those who attest it hold it
        blob = await fetchBlob(node, cid, bytes, [trainer, ...membersThatAttest(node)]);
        const context = { ...bindingOf(node), round: round.number, trainer };
        const update = verifyUpdate(blob, node.task.dimension, context, submission);
        const seconds = (performance.now() - startedAt) / 1000;
        node.report({ event: 'fetched', round: round.number, trainer, bytes: blob.length, seconds });
        verified.set(trainer, update);
        return await keep(update);
      } catch (error) {
        if (!(error instanceof TributaryError)) throw error;
        if (verified.has(trainer)) throw error;
        if (!error.retryable) {
          wrong.set(trainer, error.message);
          if (blob !== undefined) rejected.set(trainer, blob);
          node.report({ event: 'unavailable', round: round.number, trainer, reason: error.message });
          return;
        }
        if (Date.now() + pause > untilMs) return sayOnce(trainer, error);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Who does not have an update yet is nothing to speak of; who cannot be asked may be a fault that its owner can mend. */
  function sayOnce(trainer: string, error: TributaryError): void {
    const isFault = error.args.hasFailed === true || error.code !== 'BLOB_UNAVAILABLE';
    if (!isFault || said.has(trainer) || node.signal.aborted) return;
    said.add(trainer);
    node.report({ event: 'unavailable', round: round.number, trainer, reason: error.message });
  }

  /** One search for each trainer at a time. */
  function search(submission: Submission, untilMs: number): Promise<void> {
    const { trainer } = submission;
    const running = searches.get(trainer);
    if (running !== undefined) return running;
    const started = limit(fetchOne, submission, untilMs).finally(() => searches.delete(trainer));
    searches.set(trainer, started);
    return started;
  }

  return {
    verified,
    wrong,
    rejected,
    isArriving: (trainer) => searches.has(trainer),
    async fetch(wanted, untilMs) {
      const missing = wanted.filter(({ trainer }) => !verified.has(trainer) && !wrong.has(trainer));
      const all = Promise.all(missing.map((submission) => search(submission, untilMs)));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.max(0, untilMs - Date.now()) + longestPauseMs);
      });
      await Promise.race([all, patience]).finally(() => clearTimeout(timer));
    },
  };
}

/** Rounds whose updates stay in memory. */
const rememberedRounds = 4;

/** The updates of a round, the same each time it is asked for, while it is one of the newest asked for. */
export function rememberUpdates(node: Participant): (round: Round) => Updates {
  const updatesOf = new Map<number, Updates>();
  return (round) => {
    const known = updatesOf.get(round.number);
    if (known !== undefined) return known;
    const updates = createUpdates(node, round);
    updatesOf.set(round.number, updates);
    keepNewestInPlace(updatesOf, rememberedRounds);
    return updates;
  };
}

/** What a commitment of this federation is bound to. */
export function bindingOf(node: Pick<Participant, 'addresses'>): { chainId: bigint; federation: string } {
  return { chainId: BigInt(node.addresses.chainId), federation: node.addresses.federation };
}

/**
 * Proofs against a round end with its finality: unpins the updates, of `trainer` or of everybody, of the rounds up to the newest final one,
 * each round once, but for the newest final ones that are kept (see `ParticipantOptions`). One that was skipped takes no place of theirs.
 */
export function createForgetter(node: Participant, trainer?: string): () => Promise<void> {
  const { keepUpdates } = node.options;
  const forgotten = new Set<number>();
  let doneUpTo = 0;

  async function forget(old: readonly Round[], kept: ReadonlySet<number>): Promise<void> {
    const named = await namedBeside(node, kept);
    for (const { number, submissions } of old) {
      for (const submission of submissions.values()) {
        if (trainer !== undefined && submission.trainer !== trainer) continue;
        if (named.has(toHex(submission.cid))) continue;
        const cid = cidFromDigest(submission.cid, updateBytes(node.task.dimension));
        if (await node.store.has(cid)) await node.store.unpin(cid);
      }
      forgotten.add(number);
    }
  }

  return async () => {
    const { rounds, finalRound } = node.federation.state;
    if (keepUpdates === 'all' || finalRound === doneUpTo) return;
    const ascending = [...rounds.values()].sort((a, b) => a.number - b.number);
    const inFlight = ascending.filter(({ number }) => number > finalRound);
    const kept = keptRounds(ascending, keepUpdates, () => node.federation.chainTime());
    for (const { number } of inFlight) kept.add(number);
    const old = ascending.filter(({ number }) => !kept.has(number) && !forgotten.has(number));
    if (old.length > 0) await forget(old, kept);
    doneUpTo = finalRound;
  };
}

/**
 * Digests of what the chain names besides the updates of rounds that are not `kept`. Nobody proves what is behind the digest of a submission:
 * one that names a model, the manifest or an update of a kept round must not be why that is forgotten.
 */
async function namedBeside(
  { federation, task, manifestCid }: Participant,
  kept: ReadonlySet<number>,
): Promise<Set<string>> {
  const named = [task.genesisModelCid, task.manifestCid, manifestCid, await federation.readManifestCid()];
  for (const { number, proposed, submissions } of federation.state.rounds.values()) {
    if (proposed !== undefined) named.push(proposed.proposal.modelCid, proposed.proposal.inputsCid);
    if (kept.has(number)) for (const { cid } of submissions.values()) named.push(cid);
  }
  return new Set(named.map(toHex));
}
