/** What a node with another store than the embedded one does by HTTP all the same: it serves its blobs to everybody, and takes uploads. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { leafBytes } from '../../client/core/cid.ts';
import { openStore, serveDocuments } from '../../client/node/openStore.ts';
import { type NodeOptionsInput, parseNodeOptions } from '../../client/node/options.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { openEmbeddedStore } from '../../client/storage/embedded.ts';
import { pushBlob } from '../../client/storage/peer.ts';
import type { Reach } from '../../client/storage/reach.ts';
import type { BlobStore } from '../../client/storage/store.ts';
import { limits } from '../storage/contract.ts';
import { expectError } from '../storage/expectError.ts';
import { hasIpv6 } from '../storage/ipv6.ts';

const { signal } = new AbortController();
const maxBytes = 2 * leafBytes;

describe('a node with Helia', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-beside-'));
  const closers: (() => Promise<void>)[] = [];
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function open(name: string, given: Partial<NodeOptionsInput> = {}, reach?: Reach) {
    const data = join(folder, name);
    const options = parseNodeOptions({ deployment: 'd.json', data, store: 'helia', ...given });
    const upload = {
      acceptUpload: ({ authorization }: { authorization: string }) => authorization,
      maxBytes,
      quotaBytes: maxBytes,
    };
    const store = await openStore(
      options,
      () => [],
      {},
      () => undefined,
      undefined,
      reach,
    );
    closers.push(() => store.close());
    const beside = await serveDocuments(options, { readDocument: () => ['one'] }, store, upload);
    if (beside !== undefined) closers.push(beside.close);
    return { store, url: beside?.endpoint };
  }
  async function openReader(): Promise<BlobStore> {
    const reader = await openEmbeddedStore({ folder: join(folder, `reader-${randomBytes(4).toString('hex')}`) });
    closers.push(() => reader.close());
    return reader;
  }
  async function push(url: string, bytes: Uint8Array, signer = 'alice') {
    const { root } = await buildDag(bytes);
    await pushBlob(url, root, bytes, { authorization: signer, signal });
    return root;
  }

  it('serves its blobs to who speaks HTTP alone, and its documents', async () => {
    const { store, url } = await open('serving');
    const bytes = randomBytes(leafBytes + 7);
    const cid = await store.put(bytes);
    const got = await (await openReader()).get(cid, limits({ peers: [store.endpoint!, url!] }));
    expect(Buffer.from(got).equals(bytes)).to.equal(true);
    expect(await (await fetch(`${url}/scores/1`)).json()).to.deep.equal(['one']);
  });

  it('takes uploads, within the limits, and has them by either protocol', async () => {
    const { store, url } = await open('taking');
    await expectError(() => push(url!, randomBytes(maxBytes + 1)), 'BLOB_TOO_LARGE');
    const first = await push(url!, randomBytes(leafBytes + 1));
    await expectError(() => push(url!, randomBytes(leafBytes)), 'BLOB_TOO_LARGE');
    await push(url!, randomBytes(leafBytes), 'bob');
    expect(await store.has(first)).to.equal(true);
    expect(await (await openReader()).get(first, limits({ peers: [url!] }))).to.have.lengthOf(leafBytes + 1);
    // who unpins makes room
    await store.unpin(first);
    await push(url!, randomBytes(leafBytes));
  });

  if (hasIpv6) {
    it('is dialled by IPv6', async () => {
      const six = await open('six', { listen: '[::1]:0' });
      expect(six.store.endpoint).to.match(/^\/ip6\/::1\/tcp\/\d+/);
      expect(six.url).to.match(/^http:\/\/\[::1\]:\d+$/);
      const cid = await six.store.put(Uint8Array.of(1));
      const reader = await open('reading', {}, 'loopback');
      expect(await reader.store.get(cid, limits({ peers: [six.store.endpoint!] }))).to.have.lengthOf(1);
    });
  }

  it('announces the addresses that it is told, and none that stands for all of a machine', async () => {
    for (const listen of ['0.0.0.0:0', '[::]:0']) {
      const error = await expectError(() => open('all', { listen }), 'CONFIG_INVALID');
      expect(error.message).to.match(/every address of this machine.*--public-url/);
    }
    const publicUrl = ['/dns4/node.example/tcp/4001', 'https://node.example/'];
    const told = await open('told', { listen: '0.0.0.0:0', publicUrl });
    expect([told.store.endpoint, told.url]).to.deep.equal(['/dns4/node.example/tcp/4001', 'https://node.example']);
  });

  it('dials no address out of reach, be it named or numbered', async () => {
    const author = await open('author');
    const cid = await author.store.put(Uint8Array.of(1, 2));
    const far = await open('far', {}, 'public');
    const port = /tcp\/(\d+)/.exec(author.store.endpoint!)![1];
    for (const address of [author.store.endpoint!, `/dns4/localhost/tcp/${port}`]) {
      const task = () => far.store.get(cid, limits({ peers: [address], signal: AbortSignal.timeout(400) }));
      await expectError(task, 'BLOB_UNAVAILABLE');
    }
    const near = await open('near', {}, 'loopback');
    const peers = [`/dns4/localhost/tcp/${port}`];
    expect(await near.store.get(cid, limits({ peers }))).to.have.lengthOf(2);
  });
});
