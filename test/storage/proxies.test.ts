/** Proxies between a trainer and who takes its upload: they know no `100 Continue`, or refuse to. */
import http from 'node:http';
import { expect } from 'chai';
import { buildDag } from '../../client/storage/dag.ts';
import { pushBlob, pushDocument } from '../../client/storage/peer.ts';
import { useFolders } from './folders.ts';
import { type Behaviour, useServers } from './servers.ts';

describe('an upload through a proxy', () => {
  const { open } = useFolders();
  const { listen } = useServers();
  const { signal } = new AbortController();
  const upload = { acceptUpload: () => 'alice', maxBytes: 2 ** 21, quotaBytes: 2 ** 22 };

  /** Passes on what it has read, without `Expect`. */
  function passTo(target: string): Behaviour {
    const { hostname, port } = new URL(target);
    return (incoming, response) => {
      const { expect: _, ...headers } = incoming.headers;
      const outgoing = http.request(
        { hostname, port, method: incoming.method, path: incoming.url, headers },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        },
      );
      incoming.pipe(outgoing);
    };
  }

  /** `expected`: what it does with a request that waits for 100. */
  async function proxy(target: string, expected: Behaviour): Promise<string> {
    const server = http.createServer(passTo(target)).on('checkContinue', expected);
    return `http://127.0.0.1:${await listen(server)}`;
  }

  for (const [name, expected] of [
    ['never answers 100', undefined],
    ['answers 417', ((_, response) => void response.writeHead(417).end()) as Behaviour],
  ] as const) {
    it(`that ${name} arrives, and so does a document`, async () => {
      const taken: unknown[] = [];
      const store = await open({ upload, takeDocument: (_, document) => taken.push(document) > 0 });
      const url = await proxy(store.endpoint!, expected ?? passTo(store.endpoint!));
      const bytes = Buffer.alloc(2 ** 20 + 9, 3);
      const { root } = await buildDag(bytes);
      await Promise.all([
        pushBlob(url, root, bytes, { authorization: 'alice', signal }),
        pushDocument(url, '/attestations/1', { one: 1 }, signal),
      ]);
      expect(await store.has(root)).to.equal(true);
      expect(taken).to.deep.equal([{ one: 1 }]);
    });
  }
});
