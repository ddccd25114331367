/**
 * Uploads: a trainer behind a firewall hands its blob to a peer that pins it, `PUT /ipfs/{cid}` with the blob's bytes as
 * the body. Who may is asked before a byte is read; the size is limited and each signer has a quota.
 */
import type { IncomingMessage } from 'node:http';
import type { CID } from 'multiformats/cid';
import { digestOfCid, isBlobCid, maxBlobBytes } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import type { Answer } from './answer.ts';
import { buildDag, type Dag } from './dag.ts';
import { readCapped } from './httpNode.ts';
import type { BlobStore } from './store.ts';

/** What somebody asks to upload. */
export interface UploadRequest {
  cid: CID;
  /** What stands on chain for the CID. */
  digest: Uint8Array;
  /** Length of the body. */
  bytes: number;
  /** The header of this name, where the signature is. */
  authorization: string;
}

/** Whose uploads are taken, and how much of them. */
export interface UploadOptions {
  /** The name of the signer that the bytes are counted against, or undefined to refuse. */
  acceptUpload(request: UploadRequest): string | undefined | Promise<string | undefined>;
  /** Largest blob in bytes. */
  maxBytes: number;
  /** Bytes that one signer may have pinned here. */
  quotaBytes: number;
}

const uploadsAtOnce = 16;

/** Where what is uploaded stays. */
export interface Keeping {
  /** True where it is pinned here, whole. */
  has(cid: CID): Promise<boolean>;
  /** Of what this signer has uploaded, and is still here. */
  bytesOf(signer: string): Promise<number>;
  /** Pins it. Errors: DISK_FULL, FOLDER_NOT_WRITABLE, STORE_UNREACHABLE. */
  keep(bytes: Uint8Array, dag: Dag, signer: string): Promise<void>;
}

/** In a store that does not know who has uploaded what: it is counted from the start of the process. */
export function keepIn(store: Pick<BlobStore, 'has' | 'put'>): Keeping {
  const uploaded = new Map<string, { cid: CID; signer: string; bytes: number }>();
  return {
    has: (cid) => store.has(cid),
    async bytesOf(signer) {
      let sum = 0;
      for (const [name, { cid, signer: other, bytes }] of uploaded) {
        if (other !== signer) continue;
        if (await store.has(cid)) sum += bytes;
        else uploaded.delete(name);
      }
      return sum;
    },
    async keep(bytes, { root }, signer) {
      await store.put(bytes);
      uploaded.set(root.toString(), { cid: root, signer, bytes: bytes.length });
    },
  };
}

export function createReceiver(keeping: Keeping, options: UploadOptions) {
  const arriving = new Map<string, number>();
  let running = 0;

  /** `proceed` lets the client send the body. */
  async function receive(cid: CID, request: IncomingMessage, proceed: () => void): Promise<Answer> {
    const length = request.headers['content-length'] ?? '';
    if (!isBlobCid(cid)) return { status: 400, body: 'Use a CIDv1 with sha2-256 and raw or dag-pb.' };
    if (!/^\d+$/.test(length)) return { status: 411, body: 'State the Content-Length.' };
    const bytes = Number(length);
    if (bytes > Math.min(options.maxBytes, maxBlobBytes)) {
      return { status: 413, body: `A blob of at most ${options.maxBytes} bytes is taken.` };
    }
    const { authorization } = request.headers;
    if (authorization === undefined) return { status: 401, body: 'Sign the upload in the Authorization header.' };
    if (running >= uploadsAtOnce) return { status: 503, body: 'Too many uploads at once: try again later.' };
    running++;
    try {
      const signer = await options.acceptUpload({ cid, digest: digestOfCid(cid), bytes, authorization });
      if (!signer) return { status: 403, body: 'This signature is not accepted here.' };
      if (await keeping.has(cid)) return { status: 200 };
      const kept = await keeping.bytesOf(signer);
      const reserved = arriving.get(signer) ?? 0;
      if (kept + reserved + bytes > options.quotaBytes) {
        return { status: 413, body: `A signer may have ${options.quotaBytes} bytes here.` };
      }
      arriving.set(signer, reserved + bytes);
      try {
        proceed();
        return await store(cid, signer, await readCapped(request, bytes));
      } finally {
        const left = arriving.get(signer)! - bytes;
        if (left > 0) arriving.set(signer, left);
        else arriving.delete(signer);
      }
    } finally {
      running--;
    }
  }

  async function store(cid: CID, signer: string, bytes: Uint8Array | undefined): Promise<Answer> {
    const refused = { status: 400, body: `The bytes do not have the CID ${cid}.` };
    if (bytes === undefined) return refused;
    const dag = await buildDag(bytes).catch((error: unknown) => {
      if (error instanceof TributaryError) return undefined; // bytes that no blob may have
      throw error;
    });
    if (!dag?.root.equals(cid)) return refused;
    await keeping.keep(bytes, dag, signer);
    return { status: 201 };
  }

  return receive;
}
