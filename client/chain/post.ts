/** A JSON-RPC request as it goes over the wire: by the platform's `fetch`, which costs a fraction of what ethers' own takes. */

import { unreachable } from './failure.ts';
import { describeWire } from './wire.ts';

export type PostJson = (method: string, body: unknown) => Promise<unknown>;

/** Names and passwords in the URL are sent as basic authorization. */
export function createPost(rpcUrl: string, timeoutSeconds: number): PostJson {
  const url = new URL(rpcUrl);
  const { username, password } = url;
  const authorization = `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
  const headers = { 'content-type': 'application/json', ...(username !== '' && { authorization }) };
  [url.username, url.password] = ['', ''];

  /** Errors: CHAIN_UNREACHABLE (retryable), with the status where there was an answer. */
  return async (method, body) => {
    let status: number | undefined;
    try {
      const signal = AbortSignal.timeout(timeoutSeconds * 1000);
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      status = response.status;
      const text = await response.text();
      if (!response.ok) throw { message: text, response: { statusCode: status } };
      return JSON.parse(text);
    } catch (cause) {
      // `fetch failed` says nothing: what is behind it does
      const reason = cause instanceof TypeError && cause.cause !== undefined ? cause.cause : cause;
      throw unreachable(method, describeWire(reason), { cause, args: { status } });
    }
  };
}
