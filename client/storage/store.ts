/**
 * The data plane: content-addressed blobs. Four backends (embedded, Kubo, gateway, Helia) stand behind this one
 * interface and are held to the same tests. Whatever the backend, a blob's CID is that of the UnixFS profile
 * `unixfs-v1-2025` (CIDv1, sha2-256, raw leaves, 1 MiB chunks, 1024 links a node), with one level of links at most.
 */
import type { CID } from 'multiformats/cid';

/** How a blob is stored. */
export interface PutOptions {
  signal?: AbortSignal;
}

/** How a blob is fetched. */
export interface GetOptions {
  /** Largest size in bytes that is accepted; checked before the first leaf is fetched, and while fetching. */
  maxBytes: number;
  /** Gives up after this time or abort: unknown CIDs never settle by themselves. */
  signal: AbortSignal;
  /**
   * Where to ask first, for example the endpoint that the blob's author announced on chain: base URLs of trustless
   * gateways; Kubo and Helia also take multiaddrs. What a backend cannot use is passed over.
   */
  peers?: readonly string[];
}

/** Content-addressed blobs, by whatever backend. */
export interface BlobStore {
  readonly backend: 'embedded' | 'kubo' | 'gateway' | 'helia';
  /** Where others can fetch from this store (a gateway's base URL; Helia: a multiaddr), undefined if it serves nobody. */
  readonly endpoint: string | undefined;
  /**
   * Stores and pins; answers only when the bytes are durable. Putting the same bytes again is harmless, and mends what
   * was damaged. Errors: DISK_FULL, FOLDER_NOT_WRITABLE, STORE_READ_ONLY, STORE_UNREACHABLE (retryable),
   * BLOB_TOO_LARGE (above 1 GiB), ARGUMENT_INVALID (bytes that are themselves a root block), ABORTED.
   */
  put(bytes: Uint8Array, options?: PutOptions): Promise<CID>;
  /**
   * The verified bytes, from the own store or from peers. Fetching does not store: pin what is to be kept.
   * Errors: BLOB_UNAVAILABLE (nobody has it, or time ran out; retryable), BLOB_TOO_LARGE, ABORTED, and BLOB_MISMATCH:
   * retryable where only peers lied, not where the CID itself names something other than a blob.
   */
  get(cid: CID, options: GetOptions): Promise<Uint8Array>;
  /** True when every block is in the own store. */
  has(cid: CID): Promise<boolean>;
  /** A verified block of the own store that anybody may have; only of backends that speak another protocol than HTTP. */
  readBlock?(cid: CID): Promise<Uint8Array | undefined>;
  /** Keeps (fetching first where needed) until unpinned. Errors: those of `get` and of `put`. */
  pin(cid: CID, options: GetOptions): Promise<void>;
  /** Blocks that no other pin needs are collected. Unpinning what is not pinned does nothing. */
  unpin(cid: CID): Promise<void>;
  close(): Promise<void>;
}
