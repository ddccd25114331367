/** One round once more, from its updates: what its proposer had to come to, and whether it did. */
import { isProposed, type ProposedRound } from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import type { Observer } from '../participant/participant.ts';
import { differenceOf } from '../participant/rounds/difference.ts';
import { fetchInputs, type Recomputed, recompute } from '../participant/rounds/recompute.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { createUpdates } from '../participant/rounds/updates.ts';
import type { Followed } from './connect.ts';
import { type OpenBitswap, observe } from './observe.ts';

/** A proposal beside what follows from its updates. */
export interface RecomputedRound {
  round: number;
  proposer: string;
  /** So many updates were fetched, verified and aggregated. */
  inputs: number;
  /** Of the model that follows from them. */
  modelRoot: string;
  /** What is wrong with the proposal, a part of a sentence; undefined where it is right. */
  wrong: string | undefined;
}

/** How long updates are looked for, of those that are not served at once. */
const patienceMs = 10_000;

/**
 * Errors: CONFIG_INVALID for a round without a proposal; BLOB_UNAVAILABLE (retryable) where its updates are not served any more: nodes keep
 * those of the newest rounds.
 */
export async function recomputeRound(
  followed: Followed,
  number: number,
  signal: AbortSignal,
  openBitswap?: OpenBitswap,
): Promise<RecomputedRound> {
  const round = followed.federation.state.rounds.get(number);
  if (!isProposed(round)) {
    throw new TributaryError('CONFIG_INVALID', `Round ${number} has no proposal: choose one that has.`, {
      args: { field: 'round' },
    });
  }
  const observer = await observe(followed, signal, openBitswap);
  try {
    return (await recomputeBy(observer, round, patienceMs)).round;
  } finally {
    await observer.store.close();
  }
}

/** The same from the observer's store; `right` is what the proposer had to come to, where the updates lead to anything. */
export async function recomputeBy(
  observer: Observer,
  round: ProposedRound,
  patienceMs: number,
  models = createRoundModels(observer),
): Promise<{ round: RecomputedRound; right: Recomputed['right'] | undefined }> {
  const { number, proposed } = round;
  const updates = createUpdates(observer, round);
  await fetchInputs(round, updates, Date.now() + patienceMs);
  const right = (await recompute(observer, models, round, updates))?.right;
  const { proposer } = proposed;
  if (right === undefined) {
    const wrong = 'it takes in an update that is not what its trainer claimed';
    return { round: { round: number, proposer, inputs: updates.verified.size, modelRoot: '', wrong }, right };
  }
  const { commitment, updates: inputs } = right;
  const wrong = differenceOf(round, commitment);
  const modelRoot = toHex(commitment.modelRoot);
  return { round: { round: number, proposer, inputs: inputs.length, modelRoot, wrong }, right };
}
