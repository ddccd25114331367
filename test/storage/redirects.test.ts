/** Peers that redirect: followed where they stay themselves, as Kubo's gateway does at `localhost`, and refused elsewhere. */
import { expect } from 'chai';
import { leafBytes } from '../../client/core/cid.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { request } from '../../client/storage/httpNode.ts';
import { redirectTarget } from '../../client/storage/redirect.ts';
import { limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { holding, useServers } from './servers.ts';

describe('a redirect', () => {
  const { serve } = useServers();
  const { signal } = new AbortController();

  it('stays with who was asked, or is refused', () => {
    const target = (from: string, to: string | undefined) => redirectTarget(new URL(from), to).href;
    for (const [from, to] of [
      ['http://a.example/x', 'http://b.example/x'],
      ['http://a.example/x', 'http://a.example:81/x'],
      ['http://a.example/x', 'https://a.example/x'],
      ['https://a.example/x', 'http://a.example/x'],
      ['http://a.example/x', 'http://nota.example/x'],
      ['http://b.a.example/x', 'http://a.example/x'],
      ['http://a.example/x', 'http://127.0.0.1/x'],
      ['http://127.0.0.1/x', 'http://169.254.169.254/x'],
      ['http://a.example/x', 'file:///etc/passwd'],
    ] as const) {
      expect(() => target(from, to), `${from} ${to}`).to.throw(/it redirects to .*, which is not followed/);
    }
    expect(() => target('http://a.example/x', undefined)).to.throw(/does not say where to/);
    expect(target('http://a.example/x', '/y')).to.equal('http://a.example/y');
    expect(target('http://a.example:81/x', 'http://cid.ipfs.a.example:81/')).to.equal('http://cid.ipfs.a.example:81/');
    expect(target('http://127.0.0.1:9/x', 'http://localhost:9/y')).to.equal('http://localhost:9/y');
  });

  it('is followed a few times, no longer', async () => {
    let asked = 0;
    const url = await serve((_, response) => void response.writeHead(302, { location: `/${++asked}` }).end());
    const error = await request(url, { signal }).catch((failure: Error) => failure);
    expect((error as Error).message).to.equal('it redirects more than 3 times');
    expect(asked).to.equal(4);
  });

  it('keeps the limit of bytes, the headers and what is handed in, and 303 hands in nothing', async () => {
    const heard: unknown[] = [];
    const url = await serve(async (incoming, response) => {
      if (incoming.url === '/other') return void response.writeHead(303, { location: '/end' }).end();
      if (incoming.url !== '/end') return void response.writeHead(308, { location: '/end' }).end();
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      heard.push([incoming.method, incoming.headers.authorization, Buffer.concat(chunks).toString()]);
      response.end('twelve bytes');
    });
    const headers = { authorization: 'me' };
    expect(await (await request(url, { signal, headers })).read(11)).to.equal(undefined);
    const body = Buffer.from('handed in');
    expect(await (await request(url, { signal, headers, body })).read(12)).to.have.lengthOf(12);
    expect(heard).to.deep.equal([
      ['GET', 'me', ''],
      ['PUT', 'me', 'handed in'],
    ]);
    const refused = await request(`${url}/other`, { signal, body }).catch((failure: Error) => failure);
    expect((refused as Error).message).to.match(/redirects what is handed to it/);
  });

  describe("of Kubo's gateway, which sends `localhost` to a subdomain", () => {
    const bytes = Buffer.alloc(2 * leafBytes + 5, 7);

    for (const [where, serves] of [
      ['there', /\.ipfs\.localhost/],
      ['by its address alone', /^127\.0\.0\.1/],
    ] as const) {
      it(`does not keep its blobs from anybody, where they are served ${where}`, async () => {
        const { root, blocks } = await buildDag(bytes);
        const url = await serve((incoming, response) => {
          const host = incoming.headers.host!;
          const [, cid, query] = /^\/ipfs\/([^?]+)(.*)$/.exec(incoming.url!) ?? [];
          if (/^localhost/.test(host)) {
            return void response.writeHead(301, { location: `http://${cid}.ipfs.${host}/${query}` }).end('Moved');
          }
          if (!serves.test(host)) return void response.writeHead(404).end();
          incoming.url = cid === undefined ? `/ipfs/${host.split('.')[0]}${incoming.url!.slice(1)}` : incoming.url!;
          holding(blocks)(incoming, response);
        });
        const store = openGatewayStore({ gateways: [url.replace('127.0.0.1', 'localhost')] });
        expect(Buffer.from(await store.get(root, limits())).equals(bytes)).to.equal(true);
      });
    }
  });

  it('to another is named in what is said of the peer', async () => {
    const { root } = await buildDag(Buffer.from('a blob'));
    const url = await serve((_, response) => void response.writeHead(301, { location: 'https://node.example/' }).end());
    const error = await expectError(
      () => openGatewayStore({ gateways: [url] }).get(root, limits()),
      'BLOB_UNAVAILABLE',
    );
    expect(error.message).to.match(/it redirects to https:\/\/node\.example, which is not followed/);
  });
});
