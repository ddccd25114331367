/** Between a client and a real chain: answers some calls as bad providers do. Whatever it is not told to spoil it passes on. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  method: string;
  params: unknown[];
  /** Among those of its request, from 0. */
  place?: number;
}

/** For `send`, whole requests fail; `result` and `error` are of one call. `late` passes the call on first. */
export type Fault =
  | { kind: 'http'; status: number; body: string; headers?: Record<string, string>; late?: boolean }
  | { kind: 'close'; late?: boolean }
  | { kind: 'error'; code: number; message: string; late?: boolean }
  | { kind: 'result'; result: unknown };

/** Undefined passes the call on. */
export type Spoil = (call: Call) => Fault | undefined | Promise<Fault | undefined>;

export interface RpcProxy {
  url: string;
  spoil: Spoil;
  /** Answers requests of several calls as gateways do that take none. */
  refusesBatches: boolean;
  /** How many of these there were. */
  batches: number;
  /** Asks the chain itself. */
  ask(method: string, params: unknown[]): Promise<unknown>;
  /** As `ask`, with what the chain refuses. */
  pass(call: Call): Promise<{ result?: unknown; error?: { code: number; message: string } }>;
  stop(): Promise<void>;
}

/** What providers do, by name. */
export const providerFaults: Record<string, Fault> = {
  'HTTP 429': { kind: 'http', status: 429, body: 'Too Many Requests' },
  'HTTP 500': { kind: 'http', status: 500, body: 'internal error' },
  'HTML instead of JSON': { kind: 'http', status: 200, body: '<html>Please log in</html>' },
  'a closed socket': { kind: 'close' },
  'JSON-RPC error -32005': {
    kind: 'error',
    code: -32_005,
    message: 'daily request count exceeded, request rate limited',
  },
};

interface RpcRequest extends Call {
  id: number;
}

export async function startProxy(upstream: string): Promise<RpcProxy> {
  async function forward(body: unknown): ReturnType<RpcProxy['pass']> {
    const response = await fetch(upstream, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { result?: unknown; error?: { code: number; message: string } };
  }

  async function answer(request: RpcRequest, fault: Fault | undefined): Promise<object> {
    const head = { jsonrpc: '2.0', id: request.id };
    if (fault === undefined || ('late' in fault && fault.late)) {
      const passed = await forward(request);
      if (fault === undefined) return passed;
    }
    if (fault.kind === 'result') return { ...head, result: fault.result };
    return { ...head, error: fault.kind === 'error' ? { code: fault.code, message: fault.message } : undefined };
  }

  async function serve(text: string, response: http.ServerResponse): Promise<void> {
    const body = JSON.parse(text) as RpcRequest | RpcRequest[];
    if (Array.isArray(body)) proxy.batches++;
    if (Array.isArray(body) && proxy.refusesBatches) {
      response.writeHead(400).end('batches are not supported');
      return;
    }
    const requests = Array.isArray(body) ? body : [body];
    const answers: object[] = [];
    let whole: Fault | undefined;
    for (const [place, request] of requests.entries()) {
      const fault = await proxy.spoil({ ...request, place });
      if (fault?.kind === 'http' || fault?.kind === 'close') whole = fault;
      answers.push(await answer(request, fault));
    }
    if (whole?.kind === 'close') response.destroy();
    else if (whole?.kind === 'http') {
      response.writeHead(whole.status, { 'content-type': 'text/html', ...whole.headers }).end(whole.body);
    } else response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  }

  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (data) => {
      text += data;
    });
    request.on('end', () => serve(text, response).catch(() => response.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spoil: () => undefined,
    refusesBatches: false,
    batches: 0,
    ask: async (method, params) => (await forward({ jsonrpc: '2.0', id: 1, method, params })).result,
    pass: ({ method, params }) => forward({ jsonrpc: '2.0', id: 1, method, params }),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
