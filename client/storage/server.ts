/**
 * The server's side of the IPFS trustless gateway protocol, raw blocks only, on node:http
 * (https://specs.ipfs.tech/http-gateways/trustless-gateway/). Uploads are in upload.ts. What a role tells its peers besides
 * blocks are documents, JSON under paths of their own.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CID } from 'multiformats/cid';
import { TributaryError } from '../core/errors.ts';
import { readCapped } from './httpNode.ts';
import { rawBlockType } from './peer.ts';

/** Where a server listens. */
export interface ListenOptions {
  /** The address to bind; loopback unless told otherwise. */
  host?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** The base URL that others reach this server by, where it is not `http://host:port` (behind a proxy, or 0.0.0.0). */
  publicUrl?: string;
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

export interface Answer {
  status: number;
  /** One sentence for people, or a block. */
  body?: string | Uint8Array;
  headers?: http.OutgoingHttpHeaders;
}

const maxCidCharacters = 128;
const identityCode = 0;
const maxConnections = 512;
/** Of a document that is handed in. */
const maxTakenBytes = 1024;

/** Errors: PORT_IN_USE, CONFIG_INVALID (an address that cannot be bound). */
export async function serveBlocks(parts: ServerParts, listen: ListenOptions): Promise<BlockServer> {
  const { host = '127.0.0.1', port = 0 } = listen;
  const respond = (request: http.IncomingMessage, response: http.ServerResponse) => {
    answer(request, response, parts)
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
    endpoint:
      listen.publicUrl ?? `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
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
): Promise<Answer> {
  const { method = '' } = request;
  const isOfBlocks = request.url?.startsWith('/ipfs/') ?? true;
  const takes = isOfBlocks ? parts.receive : parts.takeDocument;
  const allow = takes ? 'GET, HEAD, OPTIONS, PUT' : 'GET, HEAD, OPTIONS';
  if (method === 'OPTIONS') return { status: 204, headers: { allow, 'access-control-allow-methods': allow } };
  if (!allow.split(', ').includes(method)) return { status: 405, headers: { allow } };
  // who waits for it sends nothing that is refused
  const proceed = () => {
    if (request.headers.expect !== undefined) response.writeContinue();
  };
  if (!URL.canParse(request.url ?? '/', 'http://node')) return { status: 400, body: 'This is not a path.' };
  const url = new URL(request.url ?? '/', 'http://node');
  const [, space, name = '', ...below] = url.pathname.split('/');
  if (space !== 'ipfs') {
    return method === 'PUT'
      ? await takeDocument(url.pathname, request, proceed, parts)
      : readDocument(url.pathname, parts);
  }
  const cid = parseCid(name);
  if (cid === undefined) return { status: 400, body: 'This is not a CID.' };
  if (below.length > 0) return { status: 400, body: 'Only whole blocks are served, no paths below a CID.' };
  if (method === 'PUT') return parts.receive!(cid, request, proceed);
  if (!asksForRaw(url.searchParams.get('format'), request.headers.accept)) {
    return { status: 406, body: `Only ${rawBlockType} is served: add ?format=raw.` };
  }
  // An identity CID carries its bytes; clients probe gateways with bafkqaaa.
  const block = cid.multihash.code === identityCode ? cid.multihash.digest : await parts.readBlock(cid);
  if (block === undefined)
    return { status: 404, headers: { 'cache-control': 'no-store' }, body: 'This node does not have the block.' };
  const etag = `"${cid}.raw"`;
  const headers = {
    'content-type': rawBlockType,
    'content-disposition': `attachment; filename="${cid}.bin"`,
    'cache-control': 'public, max-age=29030400, immutable',
    etag,
    'x-ipfs-path': `/ipfs/${cid}`,
    'x-ipfs-roots': cid.toString(),
    vary: 'Accept',
  };
  const known = request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  return known ? { status: 304, headers: { etag } } : { status: 200, headers, body: block };
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
  // A body that was not read would be taken for the next request.
  const unread = !request.complete && (request.headers['content-length'] ?? '0') !== '0';
  response.writeHead(status, {
    ...(typeof body === 'string' && body !== '' && { 'content-type': 'text/plain; charset=utf-8' }),
    ...(status !== 204 && status !== 304 && { 'content-length': bytes.length }),
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
    ...(unread && { connection: 'close' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function parseCid(name: string): CID | undefined {
  if (name.length > maxCidCharacters) return undefined;
  try {
    return CID.parse(name);
  } catch {
    return undefined;
  }
}

/** The query parameter has precedence over the header (section 2.1 of the specification). */
function asksForRaw(format: string | null, accept = ''): boolean {
  if (format !== null) return format === 'raw';
  return accept.split(',').some((type) => type.split(';')[0]!.trim().toLowerCase() === rawBlockType);
}
