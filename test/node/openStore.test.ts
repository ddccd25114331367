/** Whom a node serves, by store, and what it says of that. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openStore, serveDocuments } from '../../client/node/openStore.ts';
import { parseNodeOptions } from '../../client/node/options.ts';

describe('a node with', () => {
  const data = mkdtempSync(join(tmpdir(), 'tributary-stores-'));
  let kubo: http.Server;
  let kuboApi: string;
  before(async () => {
    // as much of a daemon as is asked when a store is opened
    kubo = http.createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"Version":"0.1.0"}');
    });
    kubo.listen(0, '127.0.0.1');
    await once(kubo, 'listening');
    kuboApi = `http://127.0.0.1:${(kubo.address() as AddressInfo).port}`;
  });
  after(() => {
    kubo.close().closeAllConnections();
    rmSync(data, { recursive: true });
  });

  async function endpointsOf(store: string, listen: string): Promise<(string | undefined)[]> {
    const given = { deployment: '', data, store, listen, kuboApi, kuboGateway: 'http://gateway:8080' };
    const options = parseNodeOptions(given);
    const opened = await openStore(
      options,
      () => [],
      {},
      () => undefined,
    );
    const documents = await serveDocuments(options, {});
    await Promise.all([opened.close(), documents?.close()]);
    return [opened.endpoint, documents?.endpoint];
  }

  for (const [store, blobs, documents] of [
    ['embedded', /^http:\/\/127\.0\.0\.1:\d+$/, /^undefined$/],
    ['kubo', /^http:\/\/gateway:8080$/, /^http:\/\/127\.0\.0\.1:\d+$/],
    ['helia', /^\/ip4\/127\.0\.0\.1\/tcp\/\d+/, /^http:\/\/127\.0\.0\.1:\d+$/],
  ] as const) {
    it(`the ${store} store announces nothing with --listen off, and where it serves otherwise`, async () => {
      expect(await endpointsOf(store, 'off')).to.deep.equal([undefined, undefined]);
      const [endpoint, beside] = await endpointsOf(store, '127.0.0.1:0');
      expect(String(endpoint)).to.match(blobs);
      expect(String(beside)).to.match(documents);
    });
  }
});
