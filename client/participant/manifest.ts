/** The task's manifest, from whoever serves it. */
import type { FederationClient } from '../chain/federation.ts';
import type { Wake } from '../chain/wake.ts';
import { TributaryError } from '../core/errors.ts';
import type { Hash } from '../core/hash.ts';
import { decodeManifest, maxManifestBytes, type TaskManifest } from '../core/task.ts';
import { fetchByDigest } from '../storage/digest.ts';
import type { BlobStore } from '../storage/store.ts';
import type { Report } from './events.ts';
import { withFetchTimeout } from './fetchTimeout.ts';

export interface ManifestReader {
  store: BlobStore;
  federation: Pick<FederationClient, 'sync'>;
  report: Report;
  wake: Wake;
  signal: AbortSignal;
}

/** Waits until a peer serves it. Errors: CONFIG_INVALID, and those of the store that are not retryable. */
export async function fetchManifest(
  { store, federation, report, wake, signal }: ManifestReader,
  manifestCid: Hash,
): Promise<TaskManifest> {
  for (let said = false; ; ) {
    try {
      const limits = { maxBytes: maxManifestBytes, signal: withFetchTimeout(signal) };
      const { bytes, cid } = await fetchByDigest(store, manifestCid, limits);
      if (!(await store.has(cid))) await store.put(bytes);
      return decodeManifest(bytes);
    } catch (error) {
      if (signal.aborted || !(error instanceof TributaryError) || !error.retryable) throw error;
      if (!said) report({ event: 'waiting', for: "the task's manifest: no peer serves it yet" });
      said = true;
      await wake.next(signal);
      await federation.sync();
    }
  }
}
