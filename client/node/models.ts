/** The models of the chain's rounds, fetched from peers and verified against their roots. */
import { cidFromDigest } from '../core/cid.ts';
import { modelFromBytes } from '../core/codec.ts';
import { invariant } from '../core/errors.ts';
import type { Hash } from '../core/hash.ts';
import { chunkCount, modelChunkBytes } from '../core/numbers.ts';
import { verifyModel } from '../core/verify.ts';
import { fetchTimeoutMs, type Node, peerEndpoints } from './node.ts';

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

export function createModels(node: Pick<Node, 'federation' | 'store' | 'task' | 'account' | 'signal'>): Models {
  const cache = new Map<string, Int32Array>();

  function remember(modelRoot: Hash, model: Int32Array): void {
    const key = keyOf(modelRoot);
    cache.delete(key);
    cache.set(key, model);
    for (const oldest of [...cache.keys()].slice(0, -remembered)) cache.delete(oldest);
  }

  async function get(round: number): Promise<Int32Array> {
    const { task } = node;
    const proposed = round === 0 ? undefined : node.federation.state.rounds.get(round)?.proposed;
    invariant(round === 0 || proposed !== undefined, `Round ${round} has no proposal to take a model from`);
    const root = proposed?.proposal.modelRoot ?? task.genesisModelRoot;
    const known = cache.get(keyOf(root));
    if (known !== undefined) return known;

    const bytes = chunkCount(task.dimension) * modelChunkBytes;
    const cid = cidFromDigest(proposed?.proposal.modelCid ?? task.genesisModelCid, bytes);
    const blob = await node.store.get(cid, {
      maxBytes: bytes,
      signal: AbortSignal.any([node.signal, AbortSignal.timeout(fetchTimeoutMs)]),
      peers: peerEndpoints(node.federation, node.account, proposed === undefined ? [] : [proposed.proposer]),
    });
    const model = modelFromBytes(blob, task.dimension);
    verifyModel(model, root);
    remember(root, model);
    return model;
  }

  return { get, remember };
}

function keyOf(root: Hash): string {
  return Buffer.from(root).toString('hex');
}
