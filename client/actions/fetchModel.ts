/** A round's model, fetched from the nodes and verified against the chain. */
import type { FederationClient } from '../chain/federation.ts';
import { proposedRounds } from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { requireBest } from '../participant/metrics/medians.ts';
import { createModels, modelOfRound } from '../participant/rounds/models.ts';
import type { Reach } from '../storage/reach.ts';
import type { BlobStore } from '../storage/store.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Followed } from './connect.ts';
import { fetchManifestInForce } from './fetchManifest.ts';
import { readRoundMetrics } from './metrics.ts';
import { type OpenBitswap, observe } from './observe.ts';

/** Which model, and how long to look for it. */
export interface FetchModelOptions {
  /** `0` for the first, `newest`, `best` by the evaluators' medians, or a round's number; the newest final one where none is named. */
  round?: string | undefined;
  signal: AbortSignal;
  openBitswap?: OpenBitswap | undefined;
  /** Which addresses of nodes are asked; any where nothing is said. */
  reach?: Reach | undefined;
}

/** A model that was verified against its root; `final` says that its round is. */
export interface FetchedModel extends Checkpoint {
  final: boolean;
}

/**
 * `use` is handed the model while its store is open.
 * Errors: CONFIG_INVALID, BLOB_UNAVAILABLE (retryable), COMMITMENT_MISMATCH where it is not what the chain names.
 */
export async function fetchModel<T>(
  { federation, rewards }: Followed,
  { round: wanted, signal, openBitswap, reach }: FetchModelOptions,
  use: (fetched: FetchedModel, store: BlobStore) => Promise<T> | T,
): Promise<T> {
  const isBest = wanted === 'best';
  const round = isBest
    ? requireBest((await readRoundMetrics({ federation, rewards }, { signal, reach })).best).round
    : chooseRound(federation, wanted);
  const observer = await observe({ federation, rewards }, signal, openBitswap, reach);
  const { store, task } = observer;
  try {
    const manifest = await fetchManifestInForce(federation, store, signal);
    const model = await createModels(observer).get(round);
    const { root, cid } = modelOfRound(federation, task, round);
    const { chainId, federation: address } = federation.addresses;
    const origin = { round, modelRoot: toHex(root), modelCid: cid.toString(), chainId, federation: address };
    const final = federation.state.rounds.get(round)?.final ?? round === 0;
    return await use({ ...origin, manifest, model, final }, store);
  } finally {
    await store.close();
  }
}

/** Errors: CONFIG_INVALID. */
function chooseRound({ state }: FederationClient, wanted: string | undefined): number {
  const proposed = proposedRounds(state);
  if (wanted === undefined) return state.finalRound;
  if (wanted === 'newest') return proposed.at(-1)?.number ?? 0;
  const round = Number(wanted);
  if (wanted === '0' || proposed.some(({ number }) => number === round)) return round;
  const known = proposed.map(({ number }) => number).join(', ');
  const wish = known === '' ? '0 or newest, for none has been proposed yet' : `0, newest, best, or one of ${known}`;
  throw new TributaryError('CONFIG_INVALID', `--round: "${wanted}" is not a round with a model: name ${wish}.`, {
    args: { field: '--round' },
  });
}
