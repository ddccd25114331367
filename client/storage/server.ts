/**
 * The server's side of the IPFS trustless gateway protocol on node:http
 * (https://specs.ipfs.tech/http-gateways/trustless-gateway/): blocks are in blockAnswer.ts, uploads in upload.ts. What a role tells
 * its peers besides blocks are documents, JSON under paths of their own.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import type { CID } from 'multiformats/cid';
import { TributaryError } from '../core/errors.ts';
import type { Answer } from './answer.ts';
import { answerWithBlocks, parseCid } from './blockAnswer.ts';
import { readCapped } from './httpNode.ts';
import { isUnspecified } from './reach.ts';

/** Where a server listens. */
export interface ListenOptions {
  /** The address to bind; loopback unless told otherwise. */
  host?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /**
   * The base URL that others reach this server by, where it is not `http://host:port`: behind a proxy, in a container, or where it
   * listens on every address (0.0.0.0, ::). A proxy may pass its path on or cut it off.
   */
  publicUrl?: string | undefined;
}

export interface BlockServer {
  endpoint: string;
  close(): Promise<void>;
}

/** What a role tells its peers besides blocks: JSON. */
export interface DocumentParts {
  /** The document at a path; undefined where there is none. */
  readDocument?: ((path: string) => unknown) | undefined;
  /** Takes what a peer hands in at a path, of few bytes; answers false to refuse it. */
  takeDocument?: ((path: string, document: unknown) => boolean | Promise<boolean>) | undefined;
}

export interface ServerParts extends DocumentParts {
  /** The verified block, or undefined where there is none, or none to be served now. */
  readBlock(cid: CID): Promise<Uint8Array | undefined>;
  /** Answers a PUT of this CID; undefined where uploads are not taken. */
  receive: ((cid: CID, request: http.IncomingMessage, proceed: () => void) => Promise<Answer>) | undefined;
}

const maxConnections = 512;
/** Of a document that is handed in. */
const maxTakenBytes = 1024;

/** Errors: PORT_IN_USE, CONFIG_INVALID (an address that cannot be bound). */
export async function serveBlocks(parts: ServerParts, listen: ListenOptions): Promise<BlockServer> {
  const { host = '127.0.0.1', port = 0 } = listen;
  const publicUrl = listen.publicUrl?.replace(/\/+$/, '');
  if (publicUrl === undefined && (host === '' || isUnspecified(host))) {
    const message = `Nobody can ask for ${host || '::'}, which is every address of this machine: give the one that others reach it by with --public-url, for example --public-url http://node.example:${port || 4800}.`;
    throw new TributaryError('CONFIG_INVALID', message);
  }
  const prefix = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
  const respond = (request: http.IncomingMessage, response: http.ServerResponse) => {
    answer(request, response, parts, prefix)
      .catch((error: unknown): Answer => {
        const full = error instanceof TributaryError && error.code === 'DISK_FULL';
        return { status: full ? 507 : 500, body: full ? 'There is no room left.' : 'This node failed to answer.' };
      })
      .then((result) => send(request, response, result));
  };
  const server = http.createServer({ requestTimeout: 60_000, headersTimeout: 10_000, maxHeaderSize: 8192 }, respond);
  server.on('checkContinue', respond);
  server.maxConnections = maxConnections;
  server.timeout = 30_000; // of silence on a connection
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new TributaryError(
              'PORT_IN_USE',
              `The port ${port} on ${host} is in use: choose another port, or 0 for any.`,
              { cause },
            )
          : new TributaryError(
              'CONFIG_INVALID',
              `Cannot listen on ${host}, port ${port} (${cause.code}): choose another address.`,
              { cause },
            ),
      );
    });
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    endpoint: publicUrl ?? `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  parts: ServerParts,
  prefix: string,
): Promise<Answer> {
  const { method = '' } = request;
  const asked = request.url ?? '/';
  const target = asked.startsWith(`${prefix}/`) ? asked.slice(prefix.length) : asked;
  const isOfBlocks = target.startsWith('/ipfs/');
  const takes = isOfBlocks ? parts.receive : parts.takeDocument;
  const allow = takes ? 'GET, HEAD, OPTIONS, PUT' : 'GET, HEAD, OPTIONS';
  if (method === 'OPTIONS') return { status: 204, headers: { allow, 'access-control-allow-methods': allow } };
  if (!allow.split(', ').includes(method)) return { status: 405, headers: { allow } };
  // who waits for it sends nothing that is refused
  const proceed = () => {
    if (request.headers.expect !== undefined) response.writeContinue();
  };
  if (!URL.canParse(target, 'http://node')) return { status: 400, body: 'This is not a path.' };
  const url = new URL(target, 'http://node');
  const [, space, name = '', ...below] = url.pathname.split('/');
  if (space !== 'ipfs') {
    return method === 'PUT'
      ? await takeDocument(url.pathname, request, proceed, parts)
      : readDocument(url.pathname, parts);
  }
  const cid = parseCid(name);
  if (cid === undefined) return { status: 400, body: 'This is not a CID.' };
  if (below.length > 0) return { status: 400, body: 'Only whole blobs and blocks are served, no paths below a CID.' };
  if (method === 'PUT') return parts.receive!(cid, request, proceed);
  return await answerWithBlocks(cid, url.searchParams, request.headers, parts.readBlock);
}

async function takeDocument(
  path: string,
  request: http.IncomingMessage,
  proceed: () => void,
  { takeDocument }: DocumentParts,
): Promise<Answer> {
  const tooLong = { status: 413, body: `A document of at most ${maxTakenBytes} bytes is taken.` };
  // before a byte is read: who sends too much is to hear why
  if (Number(request.headers['content-length'] ?? 0) > maxTakenBytes) return tooLong;
  proceed();
  const bytes = await readCapped(request, maxTakenBytes);
  if (bytes === undefined) return tooLong;
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { status: 400, body: 'This is not JSON.' };
  }
  return (await takeDocument!(path, document)) ? { status: 200 } : { status: 403, body: 'This is not taken here.' };
}

function readDocument(path: string, { readDocument }: DocumentParts): Answer {
  const document = readDocument?.(path);
  const headers = { 'cache-control': 'no-store' };
  if (document === undefined) return { status: 404, headers, body: 'Blocks are served under /ipfs/{cid}.' };
  return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(document) };
}

function send(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { status, body = '', headers }: Answer,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body && `${body}\n`) : body;
  const length = bytes instanceof Uint8Array && status !== 204 && status !== 304 ? bytes.length : undefined;
  // A body that was not read would be taken for the next request.
  const unread = !request.complete && (request.headers['content-length'] ?? '0') !== '0';
  response.writeHead(status, {
    ...(typeof body === 'string' && body !== '' && { 'content-type': 'text/plain; charset=utf-8' }),
    ...(length !== undefined && { 'content-length': length }),
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
    ...(unread && { connection: 'close' }),
    ...headers,
  });
  if (request.method === 'HEAD') response.end();
  else if (bytes instanceof Uint8Array) response.end(bytes);
  // who has what is missing is asked instead: the connection is cut
  else pipeline(bytes, response, () => undefined);
}
