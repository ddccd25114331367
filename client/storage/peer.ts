/**
 * The client's side of the IPFS trustless gateway protocol (https://specs.ipfs.tech/http-gateways/trustless-gateway/):
 * blocks one by one, `GET /ipfs/{cid}?format=raw`; and pushing a blob to a peer that pins it.
 */

import type { CID } from 'multiformats/cid';
import { request } from '#http';
import { TributaryError } from '../core/errors.ts';
import { type BlockSource, mismatch, throwIfStopped } from './reader.ts';

export const rawBlockType = 'application/vnd.ipld.raw';
/** What is read of an answer that is no block: enough for a sentence about the failure. */
const maxRefusalBytes = 4096;

/** Sources for those of the addresses that are base URLs of gateways; others are passed over. */
export function gatewaySources(addresses: readonly string[]): BlockSource[] {
  return [...new Set(addresses)]
    .filter((address) => /^https?:\/\//.test(address) && URL.canParse(address))
    .map(gatewaySource);
}

function gatewaySource(base: string): BlockSource {
  return {
    name: base,
    async getBlock(cid, { maxBytes, signal, into }) {
      const { status, read } = await request(`${blockUrl(base, cid)}?format=raw`, {
        signal,
        headers: { accept: rawBlockType },
      });
      if (status !== 200) {
        // read on, where it is short, so that the connection can be used again
        await read(maxRefusalBytes).catch(() => {});
        if (status === 404 || status === 410) return undefined;
        throw new Error(`status ${status}`);
      }
      const bytes = await read(maxBytes, into);
      if (bytes === undefined) throw mismatch(`${base} sent more than the ${maxBytes} bytes of block ${cid}`, true);
      return bytes;
    },
  };
}

/** The JSON document that a peer serves at a path. Errors: BLOB_UNAVAILABLE (retryable): none, too long, or no JSON. */
export async function fetchDocument(
  endpoint: string,
  path: string,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<unknown> {
  try {
    const { status, read } = await request(`${endpoint.replace(/\/+$/, '')}${path}`, { signal });
    const bytes = await read(maxBytes);
    if (status !== 200 || bytes === undefined) throw new Error(`status ${status}`);
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const message = `The peer ${endpoint} serves no ${path} now: try another.`;
    throw new TributaryError('BLOB_UNAVAILABLE', message, { cause, retryable: true });
  }
}

/** Hands a JSON document to a peer, at a path. Errors: STORE_UNREACHABLE (retryable): it is not taken, or not now. */
export async function pushDocument(
  endpoint: string,
  path: string,
  document: unknown,
  signal: AbortSignal,
): Promise<void> {
  try {
    const body = new TextEncoder().encode(JSON.stringify(document));
    const options = { signal, headers: { 'content-type': 'application/json' }, body };
    const { status, read } = await request(`${endpoint.replace(/\/+$/, '')}${path}`, options);
    await read(maxRefusalBytes).catch(() => undefined);
    if (status !== 200) throw new Error(`status ${status}`);
  } catch (cause) {
    const message = `The peer ${endpoint} does not take ${path} now: try another.`;
    throw new TributaryError('STORE_UNREACHABLE', message, { cause, retryable: true });
  }
}

export interface PushOptions {
  /** What the peer checks, for example a signature over the CID by a registered trainer. */
  authorization: string;
  signal: AbortSignal;
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
      headers: { authorization: options.authorization, 'content-type': 'application/octet-stream' },
      body: bytes,
    });
    status = response.status;
    answer = new TextDecoder().decode(await response.read(maxRefusalBytes).catch(() => undefined)).trim();
  } catch (cause) {
    throwIfStopped(options.signal, cid);
    const message = `The peer ${endpoint} does not take uploads now: check its address or try another.`;
    throw new TributaryError('STORE_UNREACHABLE', message, { cause, retryable: true });
  }
  if (status === 200 || status === 201) return;
  const code = (
    { 400: 'BLOB_MISMATCH', 401: 'NOT_ELIGIBLE', 403: 'NOT_ELIGIBLE', 413: 'BLOB_TOO_LARGE', 507: 'DISK_FULL' } as const
  )[status];
  const message = `The peer ${endpoint} did not take the blob ${cid} (status ${status}: ${answer || 'no reason given'}).`;
  throw new TributaryError(code ?? 'STORE_UNREACHABLE', message, { retryable: code === undefined, args: { status } });
}

function blockUrl(base: string, cid: CID): string {
  return `${base.replace(/\/+$/, '')}/ipfs/${cid}`;
}
