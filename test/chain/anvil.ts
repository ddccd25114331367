/** A second EVM, in a process of its own, for what only a real node does: reorganisations, restarts, refusals. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connectChain } from '../../client/chain/connect.ts';
import type { ChainProvider } from '../../client/chain/provider.ts';
import { anvilBinary } from '../../client/localnet/anvil.ts';
import { endGroup, hasEnded, spawnGroup } from '../processGroup.ts';

export interface Anvil {
  url: string;
  provider: ChainProvider;
  process: ChildProcess;
  stop(): Promise<void>;
}

export async function startAnvil(...args: string[]): Promise<Anvil> {
  const port = await freePort();
  const child = spawnGroup(await anvilBinary(), ['--port', String(port), '--silent', ...args], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    try {
      const provider = await connectChain(url);
      const stop = async () => {
        provider.destroy();
        if (!hasEnded(child)) await endGroup(child);
      };
      return { url, provider, process: child, stop };
    } catch (error) {
      if (hasEnded(child)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
