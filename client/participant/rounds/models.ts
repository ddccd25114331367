/** The models of the chain's rounds, fetched from peers and verified against their roots. */

import type { CID } from 'multiformats/cid';
import type { FederationClient, TaskOnChain } from '../../chain/federation.ts';
import { cidFromDigest, digestOfCid } from '../../core/cid.ts';
import { modelFromBytes } from '../../core/codec.ts';
import { TributaryError } from '../../core/errors.ts';
import { type Hash, toHex } from '../../core/hash.ts';
import { modelBytes } from '../../core/numbers.ts';
import { verifyModel } from '../../core/verify.ts';
import { fetchBlob } from '../fetchBlob.ts';
import { keepNewestInPlace } from '../keepNewest.ts';
import type { Participant } from '../participant.ts';

/**
 * What the chain says of the model that the round ended with, 0 for the first model of the task.
 * Errors: BLOB_UNAVAILABLE (retryable) for a round without a proposal, as far as is known.
 */
export function modelOfRound(
  { state }: Pick<FederationClient, 'state'>,
  task: TaskOnChain,
  round: number,
): { root: Hash; cid: CID; proposer: string | undefined } {
  const proposed = round === 0 ? undefined : state.rounds.get(round)?.proposed;
  if (round !== 0 && proposed === undefined) {
    const message = `Round ${round} has no model: its proposal is void, or has not reached this node yet: try again later.`;
    throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
  }
  return {
    root: proposed?.proposal.modelRoot ?? task.genesisModelRoot,
    cid: cidFromDigest(proposed?.proposal.modelCid ?? task.genesisModelCid, modelBytes(task.dimension)),
    proposer: proposed?.proposer,
  };
}

/** The models of rounds, each verified against the root on chain. */
export interface Models {
  /**
   * The model that the round ended with, 0 for the first model of the task.
   * Errors: BLOB_UNAVAILABLE (retryable), BLOB_MISMATCH, COMMITMENT_MISMATCH.
   */
  get(round: number): Promise<Int32Array>;
  /** What was computed here need not be fetched. */
  remember(modelRoot: Hash, model: Int32Array): void;
}

/** Models kept in memory: the newest, its base, and one for a watcher who is behind. */
const remembered = 3;

/** Fetches what is asked for, and keeps the newest in memory. */
export function createModels(node: Pick<Participant, 'federation' | 'store' | 'task' | 'account' | 'signal'>): Models {
  const cache = new Map<string, Int32Array>();

  function remember(modelRoot: Hash, model: Int32Array): void {
    const key = toHex(modelRoot);
    cache.delete(key);
    cache.set(key, model);
    keepNewestInPlace(cache, remembered);
  }

  async function get(round: number): Promise<Int32Array> {
    const { task } = node;
    const { root, cid, proposer } = modelOfRound(node.federation, task, round);
    const known = cache.get(toHex(root));
    if (known !== undefined) return known;

    const first = proposer === undefined ? [] : [proposer];
    const blob = await fetchBlob(node, digestOfCid(cid), modelBytes(task.dimension), first);
    const model = modelFromBytes(blob, task.dimension);
    verifyModel(model, root);
    remember(root, model);
    return model;
  }

  return { get, remember };
}
