/** Servers of a test, on ports of their own, that end after it. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Block } from '../../client/storage/dag.ts';

export type Behaviour = http.RequestListener;

export function useServers() {
  const servers: http.Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** The port it got. */
  async function listen(server: http.Server, host = '127.0.0.1', port = 0): Promise<number> {
    servers.push(server);
    await once(server.listen(port, host), 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function serve(behave: Behaviour): Promise<string> {
    return `http://127.0.0.1:${await listen(http.createServer(behave))}`;
  }

  async function serveByTls(behave: Behaviour, key: string, cert: string): Promise<string> {
    return `https://127.0.0.1:${await listen(https.createServer({ key, cert }, behave) as unknown as http.Server)}`;
  }

  return { listen, serve, serveByTls };
}

/** A gateway that has these blocks, and gives them one by one; `asked` is told of each request. */
export function holding(blocks: readonly Block[], asked: string[] = []): Behaviour {
  return (request, response) => {
    asked.push(request.url!);
    const block = blocks.find(({ cid }) => request.url!.includes(`/ipfs/${cid}?format=raw`));
    if (block) response.end(block.bytes);
    else response.writeHead(404).end();
  };
}
