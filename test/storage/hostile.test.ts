/** What a hostile or broken peer can send, and a reader that comes out of it. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { encode, prepare } from '@ipld/dag-pb';
import { expect } from 'chai';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { dagPbCode, digestOfCid, leafBytes, rawCode } from '../../client/core/cid.ts';
import { type Block, buildDag } from '../../client/storage/dag.ts';
import { fetchByDigest } from '../../client/storage/digest.ts';
import { openGatewayStore } from '../../client/storage/gateway.ts';
import { limits } from './contract.ts';
import { expectError } from './expectError.ts';

type Behaviour = (request: http.IncomingMessage, response: http.ServerResponse) => void;

describe('a hostile peer', () => {
  const servers: http.Server[] = [];
  let asked: string[] = [];

  async function peer(behave: Behaviour): Promise<string> {
    const server = http.createServer((request, response) => {
      asked.push(request.url!.replace(/^\/ipfs\/|\?.*$/g, ''));
      behave(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  function holding(blocks: readonly Block[]): Behaviour {
    return (request, response) => {
      const block = blocks.find(({ cid }) => request.url!.startsWith(`/ipfs/${cid}?`));
      if (block) response.end(block.bytes);
      else response.writeHead(404).end();
    };
  }
  async function storeOf(...behaviours: Behaviour[]) {
    const gateways = await Promise.all(behaviours.map(peer));
    return openGatewayStore({ gateways, blockTimeoutMs: 300 });
  }
  async function block(code: number, bytes: Uint8Array): Promise<Block> {
    return { cid: CID.createV1(code, await sha256.digest(bytes)), bytes };
  }
  async function rootOver(links: { cid: CID; size: number }[]): Promise<Block> {
    const file = new UnixFS({ type: 'file' });
    for (const { size } of links) file.addBlockSize(BigInt(size));
    const pbLinks = links.map(({ cid, size }) => ({ Name: '', Tsize: size, Hash: cid }));
    return block(dagPbCode, encode(prepare({ Data: file.marshal(), Links: pbLinks })));
  }
  const endless: Behaviour = (_, response) => {
    const chunk = Buffer.alloc(65536);
    const write = () => {
      while (!response.destroyed && response.write(chunk));
      response.once('drain', write);
    };
    write();
  };
  const stalling: Behaviour = (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('a');
  const silent: Behaviour = () => {};

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    asked = [];
  });

  it('sends other bytes: a mismatch that may be retried', async () => {
    const { root } = await buildDag(randomBytes(9));
    const store = await storeOf((_, response) => void response.end('other bytes'));
    expect((await expectError(() => store.get(root, limits()), 'BLOB_MISMATCH')).retryable).to.equal(true);
  });

  it('streams without end, or says that it will: cut off at the cap', async () => {
    const { root } = await buildDag(randomBytes(9));
    await expectError(async () => (await storeOf(endless)).get(root, limits()), 'BLOB_MISMATCH');
    const boastful: Behaviour = (_, response) => void response.writeHead(200, { 'content-length': 2 ** 40 }).write('a');
    await expectError(async () => (await storeOf(boastful)).get(root, limits()), 'BLOB_MISMATCH');
  });

  it('streams an endless refusal: not available', async () => {
    const { root } = await buildDag(randomBytes(9));
    const refusing: Behaviour = (request, response) => {
      response.writeHead(500);
      endless(request, response);
    };
    await expectError(async () => (await storeOf(refusing)).get(root, limits()), 'BLOB_UNAVAILABLE');
  });

  it('stalls, is silent, closes early or redirects: not available', async () => {
    const { root } = await buildDag(randomBytes(9));
    const closing: Behaviour = (_, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('a', () => response.destroy());
    };
    const redirecting: Behaviour = (_, response) =>
      void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    for (const behave of [stalling, silent, closing, redirecting]) {
      await expectError(async () => (await storeOf(behave)).get(root, limits()), 'BLOB_UNAVAILABLE');
    }
  });

  it('does not keep an honest one from serving, of whatever kind it is', async () => {
    const bytes = randomBytes(3 * leafBytes + 7);
    const { root, blocks } = await buildDag(bytes);
    const lying: Behaviour = (_, response) => void response.end('other bytes');
    const store = await storeOf(lying, endless, stalling, silent, (_, response) => response.destroy(), holding(blocks));
    expect(Buffer.from(await store.get(root, limits())).equals(bytes)).to.equal(true);
  });

  it('has some of the blocks: the others come from elsewhere', async () => {
    const bytes = randomBytes(4 * leafBytes);
    const { root, blocks } = await buildDag(bytes);
    const store = await storeOf(holding(blocks.slice(0, 2)), holding(blocks.slice(2)));
    expect(Buffer.from(await store.get(root, limits())).equals(bytes)).to.equal(true);
  });

  it('misses a leaf: not available, and the process lives', async () => {
    const { root, blocks } = await buildDag(randomBytes(3 * leafBytes));
    const store = await storeOf(holding(blocks.filter((_, index) => index !== 1)));
    await expectError(() => store.get(root, limits()), 'BLOB_UNAVAILABLE');
  });

  it('declares a huge blob: refused before any leaf is asked for', async () => {
    const leaf = await block(rawCode, new Uint8Array(leafBytes));
    const root = await rootOver(Array.from({ length: 1024 }, () => ({ cid: leaf.cid, size: leafBytes })));
    const store = await storeOf(holding([root, leaf]));
    await expectError(() => store.get(root.cid, limits()), 'BLOB_TOO_LARGE');
    expect(asked).to.deep.equal([root.cid.toString()]);
  });

  it('serves a tree of two levels, or leaves of other sizes: a mismatch for good', async () => {
    const leaf = await block(rawCode, randomBytes(leafBytes));
    const small = await block(rawCode, randomBytes(10));
    const inner = await rootOver([leaf, leaf].map(({ cid }) => ({ cid, size: leafBytes })));
    const deep = await rootOver([inner, inner].map(({ cid }) => ({ cid, size: 2 * leafBytes })));
    const uneven = await rootOver([
      { cid: small.cid, size: 10 },
      { cid: leaf.cid, size: leafBytes },
    ]);
    const store = await storeOf(holding([leaf, small, inner, deep, uneven]));
    for (const { cid } of [deep, uneven]) {
      expect((await expectError(() => store.get(cid, limits()), 'BLOB_MISMATCH')).retryable).to.equal(false);
    }
  });

  it('serves a leaf that is shorter than its root declares: a mismatch for good', async () => {
    const short = await block(rawCode, randomBytes(10));
    const root = await rootOver([
      { cid: short.cid, size: leafBytes },
      { cid: short.cid, size: 10 },
    ]);
    const store = await storeOf(holding([short, root]));
    expect((await expectError(() => store.get(root.cid, limits()), 'BLOB_MISMATCH')).retryable).to.equal(false);
  });

  it('cannot make one digest mean two contents', async () => {
    const bytes = randomBytes(leafBytes + 1);
    const { root, blocks } = await buildDag(bytes);
    const store = await storeOf(
      holding([...blocks, { ...blocks.at(-1)!, cid: CID.createV1(rawCode, root.multihash) }]),
    );
    const asLeaf = CID.createV1(rawCode, root.multihash);
    await expectError(() => store.get(asLeaf, limits()), 'BLOB_MISMATCH');
    const fetched = await fetchByDigest(store, digestOfCid(root), limits());
    expect(fetched.cid.toString()).to.equal(root.toString());
    expect(Buffer.from(fetched.bytes).equals(bytes)).to.equal(true);
    const leaf = (await buildDag(randomBytes(50))).blocks[0]!;
    const other = await storeOf(holding([leaf, { ...leaf, cid: CID.createV1(dagPbCode, leaf.cid.multihash) }]));
    await expectError(() => other.get(CID.createV1(dagPbCode, leaf.cid.multihash), limits()), 'BLOB_MISMATCH');
  });
});
