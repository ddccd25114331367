/**
 * Against a real Kubo daemon on loopback, offline: registered where TRIBUTARY_KUBO_BINARY names its binary
 * (`TRIBUTARY_KUBO_BINARY=$(.ci/build-kubo) npx mocha test/storage/kubo.test.ts`).
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CID } from 'multiformats/cid';
import { leafBytes } from '../../client/core/cid.ts';
import { serveDocuments } from '../../client/node/openStore.ts';
import type { NodeOptions } from '../../client/node/options.ts';
import { buildDag, decodeRoot } from '../../client/storage/dag.ts';
import { startDownload, takeTree } from '../../client/storage/download.ts';
import { openEmbeddedStore } from '../../client/storage/embedded.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { createGateways } from '../../client/storage/gateways.ts';
import { connectKuboStore } from '../../client/storage/kubo.ts';
import { pushBlob } from '../../client/storage/peer.ts';
import type { BlockSource } from '../../client/storage/source.ts';
import type { BlobStore } from '../../client/storage/store.ts';
import { itKeepsPins, itKeepsTheContract, limits } from './contract.ts';
import { expectError } from './expectError.ts';

const run = promisify(execFile);
const binary = process.env.TRIBUTARY_KUBO_BINARY;

interface Daemon {
  apiUrl: string;
  gatewayUrl: string;
  /** Runs `ipfs` against the daemon. */
  ipfs(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

async function rawBlock(gatewayUrl: string, cid: CID): Promise<Uint8Array> {
  const answer = await fetch(`${gatewayUrl}/ipfs/${cid}?format=raw`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function startKubo(kubo: string): Promise<Daemon> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kubo-'));
  const env = { ...process.env, IPFS_PATH: folder, IPFS_TELEMETRY: 'off' };
  const ipfs = async (...args: string[]) => (await run(kubo, args, { env })).stdout.trim();
  await ipfs('init', '--profile=unixfs-v1-2025,randomports,test');
  await ipfs('config', 'Addresses.API', '/ip4/127.0.0.1/tcp/0');
  await ipfs('config', 'Addresses.Gateway', '/ip4/127.0.0.1/tcp/0');
  const daemon: ChildProcess = spawn(kubo, ['daemon', '--offline'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: daemon.stdout! })) if (line.includes('Daemon is ready')) break;
  const apiPort = (await readFile(join(folder, 'api'), 'utf8')).trim().split('/').at(-1);
  const gatewayUrl = (await readFile(join(folder, 'gateway'), 'utf8')).trim();
  return {
    apiUrl: `http://127.0.0.1:${apiPort}`,
    gatewayUrl,
    ipfs,
    async stop() {
      const exited = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

describe('a Kubo store', () => {
  it('says that no daemon answers', async () => {
    const error = await expectError(() => connectKuboStore({ apiUrl: 'http://127.0.0.1:1' }), 'STORE_UNREACHABLE');
    expect(error.retryable).to.equal(true);
    await expectError(() => connectKuboStore({ apiUrl: 'nowhere' }), 'STORE_UNREACHABLE');
  });
});

if (binary) {
  describe('a Kubo store with its daemon', () => {
    let daemon: Daemon;
    let kubo: BlobStore;
    let embedded: BlobStore;
    let folder: string;
    before(async () => {
      daemon = await startKubo(binary);
      folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
      kubo = await connectKuboStore(daemon);
      embedded = await openEmbeddedStore({ folder, listen: {} });
    });
    after(async () => {
      await embedded.close();
      await daemon.stop();
      await rm(folder, { recursive: true });
    });

    describe('alone', () => {
      itKeepsTheContract(async () => ({ author: kubo, reader: kubo, close: async () => {} }));
    });
    describe('with an embedded store as its peer', () => {
      itKeepsPins(async () => ({ author: embedded, reader: kubo, close: async () => {} }));
    });
    describe('as the peer of an embedded store', () => {
      itKeepsPins(async () => ({ author: kubo, reader: embedded, close: async () => {} }));
    });

    for (const size of [0, 1, leafBytes, leafBytes + 1, 5_000_000]) {
      it(`agrees with "ipfs add" on the CID of ${size} bytes, and each gets what the other pinned`, async () => {
        const ours = randomBytes(size);
        const theirs = randomBytes(size);
        const file = join(folder, 'blob');
        await writeFile(file, ours);
        const cid = await embedded.put(ours);
        expect(await daemon.ipfs('add', '--quieter', '--only-hash', file)).to.equal(cid.toString());

        const fromUs = await kubo.get(cid, limits({ peers: [embedded.endpoint!] }));
        expect(Buffer.from(fromUs).equals(ours)).to.equal(true);
        await kubo.pin(cid, limits({ peers: [embedded.endpoint!] }));
        expect(await daemon.ipfs('pin', 'ls', '--type=recursive', '--quiet')).to.include(cid.toString());
        await daemon.ipfs('get', '--output', join(folder, 'out'), cid.toString());
        expect((await readFile(join(folder, 'out'))).equals(ours)).to.equal(true);

        await writeFile(file, theirs);
        const added = CID.parse(await daemon.ipfs('add', '--quieter', file));
        const gateway = openGatewayStore({ gateways: [daemon.gatewayUrl] });
        for (const store of [kubo, gateway]) {
          expect(Buffer.from(await store.get(added, limits())).equals(theirs)).to.equal(true);
        }
      });
    }

    it('is read by the name of its machine, which its gateway redirects, and in one answer', async () => {
      const bytes = randomBytes(3 * leafBytes + 1);
      const cid = await kubo.put(bytes);
      const byName = daemon.gatewayUrl.replace('127.0.0.1', 'localhost');
      const answer = await fetch(`${byName}/ipfs/${cid}?format=raw`, { redirect: 'manual' });
      expect(answer.status).to.equal(301);
      expect(Buffer.from(await openGatewayStore({ gateways: [byName] }).get(cid, limits())).equals(bytes)).to.equal(
        true,
      );
      const served = new Set<BlockSource>();
      const download = startDownload(cid, decodeRoot(await rawBlock(daemon.gatewayUrl, cid))!);
      const gateways = createGateways().sources([daemon.gatewayUrl]);
      const { signal } = new AbortController();
      await takeTree(download, gateways, { signal, blockTimeoutMs: 10_000 }, served);
      expect([download.missing.size, [...served].map(({ name }) => name)]).to.deep.equal([0, [daemon.gatewayUrl]]);
      expect(Buffer.from(download.bytes).equals(bytes)).to.equal(true);
    });

    it('takes uploads for its node', async () => {
      const options = { store: 'kubo', listen: '127.0.0.1:0' } as NodeOptions;
      const upload = { acceptUpload: () => 'alice', maxBytes: 2 * leafBytes, quotaBytes: 2 * leafBytes };
      const server = (await serveDocuments(options, {}, kubo, upload))!;
      const bytes = randomBytes(leafBytes + 1);
      const { root } = await buildDag(bytes);
      const how = { authorization: 'x', signal: new AbortController().signal };
      await pushBlob(server.endpoint, root, bytes, how);
      const more = randomBytes(leafBytes);
      const { root: second } = await buildDag(more);
      await expectError(() => pushBlob(server.endpoint, second, more, how), 'BLOB_TOO_LARGE');
      await server.close();
      expect(await kubo.has(root)).to.equal(true);
    });

    it('collects what was unpinned, and keeps what is pinned', async () => {
      const kept = await kubo.put(randomBytes(leafBytes + 1));
      const dropped = await kubo.put(randomBytes(leafBytes + 1));
      await kubo.unpin(dropped);
      await daemon.ipfs('repo', 'gc', '--quiet');
      expect([await kubo.has(kept), await kubo.has(dropped)]).to.deep.equal([true, false]);
    });
  });
}
