/** The trustless gateway protocol as any client of it sees it. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { expect } from 'chai';
import { CID } from 'multiformats/cid';
import { leafBytes, rawCode } from '../../client/core/cid.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { fetchDocument, pushBlob, pushDocument } from '../../client/storage/peer.ts';
import { absentCid, limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { useFolders } from './folders.ts';
import { hasIpv6 } from './ipv6.ts';
import { useServers } from './servers.ts';

describe('the block server', () => {
  const { open } = useFolders();
  const { serve: serveAnything } = useServers();
  const bytes = Buffer.from('a block');

  async function serve() {
    const store = await open();
    const cid = await store.put(bytes);
    const ask = (path: string, init?: RequestInit) => fetch(`${store.endpoint}${path}`, init);
    return { store, cid, ask };
  }

  it('binds loopback unless told otherwise', async () => {
    expect(new URL((await open()).endpoint!).hostname).to.equal('127.0.0.1');
    expect((await open({ listen: { publicUrl: 'https://node.example' } })).endpoint).to.equal('https://node.example');
    expect((await open({ listen: undefined })).endpoint).to.equal(undefined);
  });

  it('announces no address that stands for all of a machine, but the one that it is told', async () => {
    for (const host of ['0.0.0.0', '::', '::ffff:0.0.0.0', '0', '']) {
      const error = await expectError(() => open({ listen: { host } }), 'CONFIG_INVALID');
      expect(error.message, host).to.match(/every address of this machine.*--public-url/);
    }
    const publicUrl = 'https://node.example/tributary/';
    const store = await open({ listen: { host: '0.0.0.0', publicUrl } });
    expect(store.endpoint).to.equal('https://node.example/tributary');
  });

  if (hasIpv6) {
    it('is reached by IPv6', async () => {
      const store = await open({ listen: { host: '::1' } });
      expect(store.endpoint).to.match(/^http:\/\/\[::1\]:\d+$/);
      const cid = await store.put(bytes);
      const reader = await open({ reach: 'loopback' });
      expect(Buffer.from(await reader.get(cid, limits({ peers: [store.endpoint!] }))).equals(bytes)).to.equal(true);
    });
  }

  for (const [name, pathOf] of [
    ['cuts off', (url: string) => url.replace(/^\/tributary/, '')],
    ['passes on', (url: string) => url],
  ] as const) {
    it(`is reached below a path that a proxy ${name}: blobs, documents and uploads`, async () => {
      let port = 0;
      const proxy = await serveAnything((incoming, response) => {
        const { headers, method } = incoming;
        if (!incoming.url!.startsWith('/tributary/')) return void response.writeHead(404).end();
        const target = { port, headers, method, path: pathOf(incoming.url!) };
        incoming.pipe(
          http.request(target, (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers))),
        );
      });
      const publicUrl = `${proxy}/tributary/`;
      const upload = { acceptUpload: () => 'alice', maxBytes: 99, quotaBytes: 999 };
      const documents = { readDocument: () => ['one'], takeDocument: () => true };
      const probe = await open();
      port = Number(new URL(probe.endpoint!).port);
      await probe.close();
      const store = await open({ listen: { publicUrl, port }, upload, ...documents });
      const large = await store.put(randomBytes(leafBytes + 1));
      const { signal } = new AbortController();
      const reader = await open();
      expect(await reader.get(large, limits({ peers: [publicUrl] }))).to.have.lengthOf(leafBytes + 1);
      expect(await fetchDocument(publicUrl, '/scores/1', { maxBytes: 99, signal })).to.deep.equal(['one']);
      await pushDocument(store.endpoint!, '/attestations/1', 1, signal);
      const { root } = await buildDag(bytes);
      await pushBlob(publicUrl, root, bytes, { authorization: 'alice', signal });
      expect(await store.has(root)).to.equal(true);
    });
  }

  it('refuses bad CIDs and paths with 400, other places and absent blocks with 404', async () => {
    const { cid, ask } = await serve();
    for (const path of ['/ipfs/nonsense', '/ipfs/', `/ipfs/${'b'.repeat(200)}`, `/ipfs/${cid}/below`]) {
      expect((await ask(`${path}?format=raw`)).status, path).to.equal(400);
    }
    for (const path of ['/', '/ipns/name', `/ipfs/${await absentCid()}`]) {
      expect((await ask(`${path}?format=raw`)).status, path).to.equal(404);
    }
  });

  it('refuses other formats with 406 and other methods with 405', async () => {
    const { cid, ask } = await serve();
    expect((await ask(`/ipfs/${cid}`)).status).to.equal(406);
    const asRaw = { headers: { accept: 'application/vnd.ipld.raw' } };
    for (const format of ['dag-json', 'ipns-record', 'tar', '', 'car&car-version=2']) {
      expect((await ask(`/ipfs/${cid}?format=${format}`, asRaw)).status, format).to.equal(406);
    }
    for (const accept of ['text/html', 'application/vnd.ipld.car; version=2', '*/*']) {
      expect((await ask(`/ipfs/${cid}`, { headers: { accept } })).status, accept).to.equal(406);
    }
    expect((await ask(`/ipfs/${cid}?format=car&dag-scope=some`)).status).to.equal(400);
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await ask(`/ipfs/${cid}`, { method });
      expect(answer.status).to.equal(405);
      expect(answer.headers.get('allow')).to.equal('GET, HEAD, OPTIONS');
    }
  });

  it('serves a block by the query or by the Accept header, with the headers of the specification', async () => {
    const { cid, ask } = await serve();
    const answers = [
      await ask(`/ipfs/${cid}?format=raw`),
      await ask(`/ipfs/${cid}`, { headers: { accept: 'text/html, application/vnd.ipld.raw;q=0.9' } }),
    ];
    for (const answer of answers) {
      expect(answer.status).to.equal(200);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).to.equal(true);
      const wanted = {
        'content-type': 'application/vnd.ipld.raw',
        'content-length': '7',
        'content-disposition': `attachment; filename="${cid}.bin"`,
        'cache-control': 'public, max-age=29030400, immutable',
        'x-content-type-options': 'nosniff',
        'access-control-allow-origin': '*',
        etag: `"${cid}.raw"`,
      };
      for (const [name, value] of Object.entries(wanted)) expect(answer.headers.get(name), name).to.equal(value);
    }
  });

  it('answers HEAD without a body and a known ETag with 304', async () => {
    const { cid, ask } = await serve();
    const head = await ask(`/ipfs/${cid}?format=raw`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).to.deep.equal([200, '7', '']);
    const known = await ask(`/ipfs/${cid}?format=raw`, { headers: { 'if-none-match': `W/"${cid}.raw"` } });
    expect(known.status).to.equal(304);
  });

  it('answers the probe for gateways, an identity CID', async () => {
    const { ask } = await serve();
    const answer = await ask('/ipfs/bafkqaaa?format=raw');
    expect([answer.status, await answer.text()]).to.deep.equal([200, '']);
  });

  it('serves documents beside blocks, for reading only, and none that are not there', async () => {
    const documents = new Map([['/attestations/7', [{ signer: 'one' }]]]);
    const store = await open({ readDocument: (path) => documents.get(path) });
    const ask = (path: string, init?: RequestInit) => fetch(`${store.endpoint}${path}`, init);
    const answer = await ask('/attestations/7');
    expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([200, 'application/json']);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expect(await answer.json()).to.deep.equal([{ signer: 'one' }]);
    expect(await (await ask('/attestations/7', { method: 'HEAD' })).text()).to.equal('');
    for (const path of ['/attestations/8', '/attestations', '/attestations/7/']) {
      expect((await ask(path)).status, path).to.equal(404);
    }
    expect((await ask('/attestations/7', { method: 'PUT', body: '{}' })).status).to.equal(405);
  });

  it('serves a root block as it is, under either codec', async () => {
    const { store, ask } = await serve();
    const root = await store.put(randomBytes(leafBytes + 1));
    for (const cid of [root, CID.createV1(rawCode, root.multihash)]) {
      const answer = await ask(`/ipfs/${cid}?format=raw`);
      expect((await answer.arrayBuffer()).byteLength).to.be.within(90, 120);
    }
  });
});
