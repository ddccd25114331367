/**
 * The models of the chain's rounds for who takes part in them. A right model need not be served under the CID that its proposer
 * named, and nothing on chain proves that: what cannot be had so is computed again from the updates of its round.
 */
import { isProposed, type ProposedRound } from '../../chain/rounds.ts';
import { TributaryError } from '../../core/errors.ts';
import { equalBytes } from '../../core/hash.ts';
import type { Observer } from '../participant.ts';
import { createModels, type Models } from './models.ts';
import { fetchInputs, recompute } from './recompute.ts';
import { createUpdates, type Updates } from './updates.ts';

/** Errors of its `get`: BLOB_UNAVAILABLE (retryable); of the first model of the task those of `Models.get`. */
export function createRoundModels(node: Observer): Models {
  const served = createModels(node);
  /** Of the proposal that was computed last, should it have to be tried again. */
  let newest: { id: string; updates: Updates } | undefined;

  async function get(number: number): Promise<Int32Array> {
    try {
      return await served.get(number);
    } catch (error) {
      const round = node.federation.state.rounds.get(number);
      if (!(error instanceof TributaryError) || node.signal.aborted || !isProposed(round)) throw error;
      return await computeAgain({ ...round });
    }
  }

  async function computeAgain(round: ProposedRound): Promise<Int32Array> {
    const { id, proposal, proposer } = round.proposed;
    if (newest?.id !== id) newest = { id, updates: createUpdates(node, round) };
    const { updates } = newest;
    await fetchInputs(round, updates, Date.now());
    const recomputed = await recompute(node, models, round, updates);
    if (recomputed === undefined || !equalBytes(recomputed.right.commitment.modelRoot, proposal.modelRoot)) {
      const message = `The model that ${proposer} proposed for round ${round.number} is not served, and is not the one that follows from the round's updates.`;
      throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
    }
    newest = undefined;
    return recomputed.right.model;
  }

  const models: Models = { get, remember: served.remember };
  return models;
}
