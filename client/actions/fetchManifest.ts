/** The task's manifest that is in force, from the nodes: votes may have changed that of the deployment. */
import type { FederationClient } from '../chain/federation.ts';
import { decodeManifest, maxManifestBytes, type TaskManifest } from '../core/task.ts';
import { fetchByDigest } from '../storage/digest.ts';
import type { Reach } from '../storage/reach.ts';
import type { BlobStore } from '../storage/store.ts';
import type { Followed } from './connect.ts';
import { type OpenBitswap, observe } from './observe.ts';

/** Errors: BLOB_UNAVAILABLE (retryable) where no node serves it. */
export async function fetchManifestOf(
  followed: Followed,
  { signal, openBitswap, reach }: { signal: AbortSignal; openBitswap?: OpenBitswap; reach?: Reach },
): Promise<TaskManifest> {
  const { store } = await observe(followed, signal, openBitswap, reach);
  try {
    return await fetchManifestInForce(followed.federation, store, signal);
  } finally {
    await store.close();
  }
}

/** From a store that is open. */
export async function fetchManifestInForce(
  federation: FederationClient,
  store: BlobStore,
  signal: AbortSignal,
): Promise<TaskManifest> {
  const digest = await federation.readManifestCid();
  const { bytes } = await fetchByDigest(store, digest, { maxBytes: maxManifestBytes, signal });
  return decodeManifest(bytes);
}
