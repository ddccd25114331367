/** HTTP as peers of the data plane speak it: what there is of it on every platform. `#http` (package.json) names the platform's own. */
import type { Reach } from './reach.ts';

export interface HttpRequest {
  headers?: Record<string, string>;
  /** Sent by `PUT`; without it the request is a `GET`. */
  body?: Uint8Array;
  signal: AbortSignal;
  /** Which addresses may be asked; anywhere where nothing is said. A page is held back by its browser instead. */
  reach?: Reach | undefined;
}

export interface HttpAnswer {
  status: number;
  /** The media type, in lower case and without parameters; empty where none is said. */
  type: string;
  /** The body, or undefined (and the connection closed) where it is longer than the cap, whatever its header said. `into` saves a copy. */
  read(maxBytes: number, into?: Uint8Array): Promise<Uint8Array | undefined>;
  /** The body as it comes. Throws, and closes the connection, where it is longer than the cap, or breaks off. */
  chunks(maxBytes: number): AsyncGenerator<Uint8Array>;
}

/**
 * Rejects where no answer comes, with a part of a sentence as its message. A redirect that leads elsewhere is no answer; one that
 * stays with the peer is followed by Node.js, and is no answer in a page.
 */
export type RequestHttp = (address: string, request: HttpRequest) => Promise<HttpAnswer>;

/** Nobody has taken the connection, nor refused it, in time: the next is not going to be another. */
export class NoConnection extends Error {}

export function mediaType(contentType: string | null | undefined): string {
  return (contentType ?? '').split(';')[0]!.trim().toLowerCase();
}

/** The chunks, as long as they do not come to more than the cap. */
export async function* capped(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    yield chunk;
  }
}
