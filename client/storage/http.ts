/** HTTP as peers of the data plane speak it: what there is of it on every platform. `#http` (package.json) names the platform's own. */
export interface HttpRequest {
  headers?: Record<string, string>;
  /** Sent by `PUT`; without it the request is a `GET`. */
  body?: Uint8Array;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  /** The body, or undefined (and the connection closed) where it is longer than the cap, whatever its header said. `into` saves a copy. */
  read(maxBytes: number, into?: Uint8Array): Promise<Uint8Array | undefined>;
}

/** Rejects where no answer comes, and where it is a redirect: a peer has no business sending us elsewhere. */
export type RequestHttp = (address: string, request: HttpRequest) => Promise<HttpAnswer>;
