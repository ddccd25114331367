/** An address at which nobody takes connections, nor refuses them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { buildDag } from '../../client/storage/dag.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { holding, useServers } from './servers.ts';

/** Says its port, and takes as few connections as there can be before they are accepted. */
const listening = `const server = require('net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;

describe('an address where nobody is', () => {
  const { serve } = useServers();
  let child: ChildProcess;
  const waiting: net.Socket[] = [];
  let url: string;
  before(async () => {
    child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = Number(String((await once(child.stdout!, 'data'))[0]));
    child.kill('SIGSTOP');
    // the first fill the queue, and whoever comes after them hears nothing
    for (let count = 0; count < 8; count++) waiting.push(net.connect(port, '127.0.0.1').on('error', () => undefined));
    await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, 'connect')));
    url = `http://127.0.0.1:${port}`;
  });
  after(async () => {
    for (const socket of waiting) socket.destroy();
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });

  it('is given up after a few seconds, and keeps nobody waiting when it is asked again', async () => {
    const { root, blocks } = await buildDag(Buffer.from('a blob'));
    const store = openGatewayStore({ gateways: [url, await serve(holding([]))] });
    const first = await expectError(() => store.get(root, limits()), 'BLOB_UNAVAILABLE');
    expect(first.message).to.match(/no connection within 4 s/);
    const startedAt = performance.now();
    const second = await expectError(() => store.get(root, limits()), 'BLOB_UNAVAILABLE');
    expect(second.message).to.match(/nobody was there when it was last connected to/);
    expect(performance.now() - startedAt).to.be.below(1000);
    expect(await store.get(root, limits({ peers: [await serve(holding(blocks))] }))).to.have.lengthOf(6);
  });
});
