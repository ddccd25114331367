/** What a proposal names and nobody serves any more, made again from the updates of its round. */
import type { ProposedRound } from '../../chain/rounds.ts';
import { modelToBytes } from '../../core/codec.ts';
import { TributaryError } from '../../core/errors.ts';
import { encodeInputsList } from '../../core/inputs.ts';
import type { Participant } from '../participant.ts';
import { readInputs } from '../rewards/rewardInputs.ts';
import type { Models } from './models.ts';
import { fetchInputs, recompute } from './recompute.ts';
import { createUpdates } from './updates.ts';

/** `models` is of those that compute what they cannot fetch. Errors: BLOB_UNAVAILABLE (retryable). */
export async function remakeModel(models: Models, { number }: ProposedRound): Promise<Uint8Array> {
  return modelToBytes(await models.get(number));
}

/** The list of its inputs, from peers where they serve it. Errors: BLOB_UNAVAILABLE (retryable). */
export async function remakeInputs(node: Participant, models: Models, round: ProposedRound): Promise<Uint8Array> {
  try {
    return encodeInputsList((await readInputs(node, round)).inputs);
  } catch (error) {
    if (!(error instanceof TributaryError) || node.signal.aborted) throw error;
    const updates = createUpdates(node, round);
    await fetchInputs(round, updates, Date.now());
    const recomputed = await recompute(node, models, round, updates);
    if (recomputed === undefined) throw error;
    return encodeInputsList(recomputed.right.updates);
  }
}
