/** One address of the chain: several calls in one request, where what answers there takes that. */
import type { JsonRpcError, JsonRpcPayload, JsonRpcResult } from 'ethers';
import { TributaryError } from '../core/errors.ts';
import { unreachable } from './failure.ts';
import { createPost } from './post.ts';
import { classify, wordsOf } from './refusals.ts';

export type RpcReply = JsonRpcResult | JsonRpcError;

/** Answers in the order of the calls. Errors: CHAIN_UNREACHABLE and CHAIN_REFUSED (retryable), where there is no answer of JSON-RPC. */
export interface RpcNode {
  /** As the person gave it. */
  readonly url: string;
  ask(payloads: readonly JsonRpcPayload[]): Promise<RpcReply[]>;
}

/** Seconds until a request to the chain is given up. */
export const requestTimeoutSeconds = 20;

/** How gateways say that they take one call a request. */
const noBatches = [400, 403, 404, 405, 413, 415, 422, 501];

export function createRpcNode(url: string): RpcNode {
  const post = createPost(url, requestTimeoutSeconds);
  let takesBatches = true;

  async function askEach(payloads: readonly JsonRpcPayload[]): Promise<RpcReply[]> {
    const replies: RpcReply[] = [];
    for (const payload of payloads) {
      const answer = await post(payload.method, payload);
      const [reply] = (Array.isArray(answer) ? answer : [answer]) as RpcReply[];
      if (typeof reply !== 'object' || reply === null) throw unreachable(payload.method, 'no JSON-RPC answer');
      replies.push(reply);
    }
    return replies;
  }

  /** Undefined where it does not take batches, or seems not to. */
  async function askAtOnce(payloads: readonly JsonRpcPayload[]): Promise<RpcReply[] | undefined> {
    const { method } = payloads.at(-1)!;
    let answer: unknown;
    try {
      answer = await post(method, payloads);
    } catch (error) {
      const status = error instanceof TributaryError ? Number(error.args.status) : 0;
      if (!noBatches.includes(status)) throw error;
      return undefined;
    }
    const replies = (Array.isArray(answer) ? answer : [answer]) as (RpcReply | null)[];
    const ordered = payloads.map(({ id }) => replies.find((reply) => reply?.id === id));
    if (ordered.every((reply) => reply != null)) return ordered;
    // one that asks too often is refused as a whole
    const refusal = replies.find((reply): reply is JsonRpcError => reply != null && 'error' in reply)?.error;
    return refusal !== undefined && ['limited', 'passing'].includes(classify(method, refusal))
      ? payloads.map(({ id }) => ({ id, error: { ...refusal, message: wordsOf(refusal) } }) as JsonRpcError)
      : undefined;
  }

  return {
    url,
    async ask(payloads) {
      if (payloads.length === 1 || !takesBatches) return await askEach(payloads);
      const together = await askAtOnce(payloads);
      if (together !== undefined) return together;
      const replies = await askEach(payloads);
      takesBatches = false;
      return replies;
    },
  };
}
