/** What is asked of one peer besides blocks, and handed to it: documents, and a blob that it pins. */
import type { CID } from 'multiformats/cid';
import { request } from '#http';
import { TributaryError } from '../core/errors.ts';
import type { Reach } from './reach.ts';
import { throwIfStopped } from './source.ts';

export const rawBlockType = 'application/vnd.ipld.raw';
/** What is read of an answer that is no block: enough for a sentence about the failure. */
export const maxRefusalBytes = 4096;

/** For one question to a peer. */
export interface AskOptions {
  signal: AbortSignal;
  /** Which addresses may be asked; anywhere where nothing is said. */
  reach?: Reach | undefined;
}

/** The JSON document that a peer serves at a path. Errors: BLOB_UNAVAILABLE (retryable): none, too long, or no JSON. */
export async function fetchDocument(
  endpoint: string,
  path: string,
  { maxBytes, ...options }: AskOptions & { maxBytes: number },
): Promise<unknown> {
  try {
    const { status, read } = await request(below(endpoint, path), options);
    const bytes = await read(maxBytes);
    if (status !== 200 || bytes === undefined) throw new Error(`status ${status}`);
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const message = `The peer ${endpoint} serves no ${path} now (${reasonOf(cause)}): try another.`;
    throw new TributaryError('BLOB_UNAVAILABLE', message, { cause, retryable: true });
  }
}

/** Hands a JSON document to a peer, at a path. Errors: STORE_UNREACHABLE (retryable): it is not taken, or not now. */
export async function pushDocument(
  endpoint: string,
  path: string,
  document: unknown,
  signal: AbortSignal,
  reach?: Reach,
): Promise<void> {
  try {
    const body = new TextEncoder().encode(JSON.stringify(document));
    const headers = { 'content-type': 'application/json' };
    const { status, read } = await request(below(endpoint, path), { signal, reach, headers, body });
    await read(maxRefusalBytes).catch(() => undefined);
    if (status !== 200) throw new Error(`status ${status}`);
  } catch (cause) {
    const message = `The peer ${endpoint} does not take ${path} now (${reasonOf(cause)}): try another.`;
    throw new TributaryError('STORE_UNREACHABLE', message, { cause, retryable: true });
  }
}

export interface PushOptions extends AskOptions {
  /** What the peer checks, for example a signature over the CID by a registered trainer. */
  authorization: string;
}

/**
 * Hands the blob to a peer that pins it (an embedded store with `acceptUpload`). Pushing again is harmless.
 * Errors: NOT_ELIGIBLE (the peer refuses the signature), BLOB_TOO_LARGE (the peer's limits), DISK_FULL (the peer's
 * disk), BLOB_MISMATCH, STORE_UNREACHABLE (retryable), ABORTED.
 */
export async function pushBlob(endpoint: string, cid: CID, bytes: Uint8Array, options: PushOptions): Promise<void> {
  let status: number;
  let answer: string;
  try {
    const response = await request(blockUrl(endpoint, cid), {
      signal: options.signal,
      reach: options.reach,
      headers: { authorization: options.authorization, 'content-type': 'application/octet-stream' },
      body: bytes,
    });
    status = response.status;
    answer = new TextDecoder().decode(await response.read(maxRefusalBytes).catch(() => undefined)).trim();
  } catch (cause) {
    throwIfStopped(options.signal, cid);
    const message = `The peer ${endpoint} does not take uploads now (${reasonOf(cause)}): check its address or try another.`;
    throw new TributaryError('STORE_UNREACHABLE', message, { cause, retryable: true });
  }
  if (status === 200 || status === 201) return;
  const code = (
    { 400: 'BLOB_MISMATCH', 401: 'NOT_ELIGIBLE', 403: 'NOT_ELIGIBLE', 413: 'BLOB_TOO_LARGE', 507: 'DISK_FULL' } as const
  )[status];
  const message = `The peer ${endpoint} did not take the blob ${cid} (status ${status}: ${answer || 'no reason given'}).`;
  throw new TributaryError(code ?? 'STORE_UNREACHABLE', message, { retryable: code === undefined, args: { status } });
}

export function blockUrl(base: string, cid: CID): string {
  return below(base, `/ipfs/${cid}`);
}

function below(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}${path}`;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
