/** HTTP by Node.js: connections are kept, addresses are looked at when they are connected to, and no body is sent to a peer that refuses it. */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { capped, mediaType, NoConnection, type RequestHttp } from './http.ts';
import { insistWithin, lookupWithin } from './lookup.ts';
import type { Reach } from './reach.ts';
import { isRedirect, mostRedirects, redirectTarget } from './redirect.ts';
import { describeTlsFailure } from './tlsFailure.ts';

/** How long a peer may take over `100 Continue`, which proxies may never send (RFC 9110, section 10.1.1). */
const continueMs = 1000;
const expectationFailed = 417;
const seeOther = 303;

/** How long a connection may take: beyond three SYN packets nobody is there. */
const connectMs = 4000;

type Agents = { 'http:': http.Agent; 'https:': https.Agent };
/** Connections that were made within one reach are not used within another. */
const agents = new Map<Reach, Agents>();

export const request: RequestHttp = async (address, { headers = {}, body, signal, reach = 'anywhere' }) => {
  const options = { method: body ? 'PUT' : 'GET', headers, signal };
  let url = new URL(address);
  for (let followed = 0; ; followed++) {
    const message = await exchange(url, options, body, reach);
    const { statusCode: status = 0 } = message;
    if (!isRedirect(status)) {
      return {
        status,
        type: mediaType(message.headers['content-type']),
        read: (maxBytes, into) => readCapped(message, maxBytes, into, signal),
        chunks: (maxBytes) => capped(message, maxBytes),
      };
    }
    message.destroy();
    if (followed === mostRedirects) throw new Error(`it redirects more than ${mostRedirects} times`);
    if (body !== undefined && status === seeOther) throw new Error('it redirects what is handed to it');
    url = redirectTarget(url, message.headers.location);
  }
};

/** What is sent is announced first, and sent without where the peer knows no such thing. */
async function exchange(
  url: URL,
  options: http.RequestOptions,
  body: Uint8Array | undefined,
  reach: Reach,
): Promise<http.IncomingMessage> {
  if (body === undefined) return await send(url, options, undefined, reach);
  const headers = { ...(options.headers as http.OutgoingHttpHeaders), 'content-length': body.length };
  const expecting = { ...options, headers: { ...headers, expect: '100-continue' } };
  const message = await send(url, expecting, body, reach);
  if (message.statusCode !== expectationFailed) return message;
  message.destroy();
  return await send(url, { ...options, headers }, body, reach);
}

function send(
  url: URL,
  options: http.RequestOptions,
  body: Uint8Array | undefined,
  reach: Reach,
): Promise<http.IncomingMessage> {
  insistWithin(reach, url.hostname);
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const agent = agentsWithin(reach)[secure ? 'https:' : 'http:'];
    const outgoing = (secure ? https : http).request(url, { ...options, agent, lookup: lookupWithin(reach) });
    outgoing.on('socket', (socket) => limitConnecting(outgoing, socket));
    outgoing.on('error', (error) => {
      reject(error instanceof NoConnection ? error : new Error(describeFailure(error), { cause: error }));
    });
    outgoing.on('response', resolve);
    const waits = (options.headers as http.OutgoingHttpHeaders).expect !== undefined;
    if (body === undefined || !waits) outgoing.end(body);
    else sendWhenWanted(outgoing, body);
  });
}

function limitConnecting(outgoing: http.ClientRequest, socket: Socket): void {
  if (!socket.connecting) return;
  const reason = new NoConnection(`no connection within ${connectMs / 1000} s`);
  const timer = setTimeout(() => outgoing.destroy(reason), connectMs);
  for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
}

/** At `100 Continue`, or when that has not come in time; never when the answer has come before. */
function sendWhenWanted(outgoing: http.ClientRequest, body: Uint8Array): void {
  const sendBody = () => {
    clearTimeout(timer);
    outgoing.end(body);
  };
  const timer = setTimeout(sendBody, continueMs);
  outgoing
    .once('continue', sendBody)
    .once('close', () => clearTimeout(timer))
    .once('response', (message) => {
      clearTimeout(timer);
      // the connection still waits for the body: it is of no more use
      if (!outgoing.writableEnded) message.once('end', () => outgoing.destroy());
    });
}

function agentsWithin(reach: Reach): Agents {
  const known = agents.get(reach);
  if (known !== undefined) return known;
  const options = { keepAlive: true };
  const created = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  agents.set(reach, created);
  return created;
}

function describeFailure(error: NodeJS.ErrnoException & { errors?: Error[] }): string {
  const tls = describeTlsFailure(error.code ?? '');
  // where a name has several addresses, what failed at each
  return tls ?? (error.message || error.errors?.map(({ message }) => message).join(', ') || String(error.code));
}

/**
 * The body, or undefined (and the connection closed) where it is longer than the cap, whatever its header said. Rejects where the connection
 * ends before the body.
 */
export function readCapped(
  message: http.IncomingMessage,
  maxBytes: number,
  into?: Uint8Array,
  signal?: AbortSignal,
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
      if (message.destroyed || signal?.aborted) return; // the room may be another's by now
      if (length + chunk.length > body.length) return refuse();
      body.set(chunk, length);
      length += chunk.length;
    });
    message.on('end', () => resolve(body.subarray(0, length)));
    message.on('error', reject);
    message.on('close', endedEarly);
  });
}
