/** One blob by the digest that stands on chain, within its size, from whoever may serve it. */
import { cidFromDigest } from '../core/cid.ts';
import type { Hash } from '../core/hash.ts';
import { withFetchTimeout } from './fetchTimeout.ts';
import { type Participant, peerEndpoints } from './participant.ts';

export type Fetching = Pick<Participant, 'store' | 'account' | 'signal'> & {
  federation: Pick<Participant['federation'], 'state'>;
};

/**
 * `bytes`: its size where that is known, else the largest. `first`: accounts that are asked before others. `patienceMs`: until it is given up.
 * Errors: those of `BlobStore.get`.
 */
export function fetchBlob(
  { store, federation, account, signal }: Fetching,
  digest: Hash,
  bytes: number,
  first: readonly string[] = [],
  patienceMs = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const patient = withFetchTimeout(signal);
  return store.get(cidFromDigest(digest, bytes), {
    maxBytes: bytes,
    signal: Number.isFinite(patienceMs) ? AbortSignal.any([patient, AbortSignal.timeout(patienceMs)]) : patient,
    peers: peerEndpoints(federation, account, first),
  });
}
