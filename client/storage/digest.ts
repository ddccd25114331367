/** Fetching by what stands on chain: a digest, without knowing whether it names a single leaf or a root. */
import { CID } from 'multiformats/cid';
import { cidFromDigest } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import type { BlobStore, GetOptions } from './store.ts';

/** A blob, and the CID that its digest turned out to be of. */
export interface FetchedBlob {
  cid: CID;
  bytes: Uint8Array;
}

/**
 * The blob that the digest names: the block below the digest decides. Where its bytes are a canonical root it is one
 * and its leaves are fetched, otherwise it is itself the blob. Both readings are verified, and no digest has two: see
 * `core/cid.ts`. Errors: those of `BlobStore.get`.
 */
export async function fetchByDigest(
  store: Pick<BlobStore, 'get'>,
  digest: Uint8Array,
  options: GetOptions,
): Promise<FetchedBlob> {
  const leaf = cidFromDigest(digest, 0);
  try {
    return { cid: leaf, bytes: await store.get(leaf, options) };
  } catch (error) {
    const root = error instanceof TributaryError && error.code === 'BLOB_MISMATCH' ? CID.asCID(error.args.root) : null;
    if (root === null) throw error;
    return { cid: root, bytes: await store.get(root, options) };
  }
}
