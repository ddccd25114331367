/** HTTP by Node.js: connections are kept, and no body is sent to a peer that refuses it. */
import http from 'node:http';
import https from 'node:https';
import type { RequestHttp } from './http.ts';

/** As `fetch` has them (https://fetch.spec.whatwg.org/#redirect-status). */
const redirects: readonly number[] = [301, 302, 303, 307, 308];

const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

export const request: RequestHttp = async (address, { headers = {}, body, signal }) => {
  const upload = body && { ...headers, 'content-length': body.length, expect: '100-continue' };
  const options = { method: body ? 'PUT' : 'GET', headers: upload ?? headers, signal };
  const message = await send(new URL(address), options, body);
  const { statusCode: status = 0 } = message;
  if (redirects.includes(status)) {
    message.destroy();
    throw new Error(`${address} redirects`);
  }
  return { status, read: (maxBytes, into) => readCapped(message, maxBytes, into) };
};

function send(url: URL, options: http.RequestOptions, body?: Uint8Array): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const outgoing = (secure ? https : http).request(url, { ...options, agent: agents[secure ? 'https:' : 'http:'] });
    outgoing.on('response', resolve).on('error', reject);
    if (body === undefined) outgoing.end();
    else outgoing.on('continue', () => outgoing.end(body));
  });
}

/**
 * The body, or undefined (and the connection closed) where it is longer than the cap, whatever its header said. Rejects where the connection
 * ends before the body.
 */
export function readCapped(
  message: http.IncomingMessage,
  maxBytes: number,
  into?: Uint8Array,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const declared = Number(message.headers['content-length'] ?? maxBytes);
    const body = into ?? Buffer.allocUnsafeSlow(Math.min(declared, maxBytes));
    let length = 0;
    const endedEarly = () => reject(new Error('the connection was closed early'));
    // nothing is said any more of what has ended before
    if (message.destroyed) return endedEarly();
    const refuse = () => {
      resolve(undefined);
      message.destroy();
    };
    if (declared > maxBytes) return refuse();
    message.on('data', (chunk: Buffer) => {
      if (message.destroyed) return; // the room may be another's by now
      if (length + chunk.length > body.length) return refuse();
      body.set(chunk, length);
      length += chunk.length;
    });
    message.on('end', () => resolve(body.subarray(0, length)));
    message.on('error', reject);
    message.on('close', endedEarly);
  });
}
