/** What a server of ours answers. */
export interface Answer {
  status: number;
  /** One sentence for people, or a block, or several as they are read. */
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  headers?: Record<string, string>;
}
