/**
 * The data plane: content-addressed blobs. Four backends (embedded, Kubo, gateway, Helia) stand behind this one
 * interface and are held to the same tests. Whatever the backend, a blob's CID is that of the UnixFS profile
 * `unixfs-v1-2025` (CIDv1, sha2-256, raw leaves, 1 MiB chunks, 1024 links a node).
 */
import type { CID } from 'multiformats/cid';

export interface PutOptions {
  signal?: AbortSignal;
}

export interface GetOptions {
  /** Largest size in bytes that is accepted; checked before the first block is fetched, and while fetching. */
  maxBytes: number;
  /** Gives up after this time or abort: unknown CIDs never settle by themselves. */
  signal: AbortSignal;
  /** Base URLs of peers to ask first, for example the endpoint that the blob's author announced on chain. */
  peers?: readonly string[];
}

export interface BlobStore {
  readonly backend: 'embedded' | 'kubo' | 'gateway' | 'helia';
  /** Where others can fetch from this store (a trustless gateway's base URL), or undefined where it serves nobody. */
  readonly endpoint: string | undefined;
  /** Stores and pins; answers only when the bytes are durable. Putting the same bytes again is harmless. */
  put(bytes: Uint8Array, options?: PutOptions): Promise<CID>;
  /**
   * The verified bytes, from the own store or from peers.
   * Errors: BLOB_UNAVAILABLE (retryable), BLOB_MISMATCH, BLOB_TOO_LARGE, ABORTED.
   */
  get(cid: CID, options: GetOptions): Promise<Uint8Array>;
  /** True when every block is in the own store. */
  has(cid: CID): Promise<boolean>;
  /** Keeps (fetching first where needed) until unpinned. */
  pin(cid: CID, options: GetOptions): Promise<void>;
  unpin(cid: CID): Promise<void>;
  close(): Promise<void>;
}
