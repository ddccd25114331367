/** Who waits for `100 Continue`: it is told to send its body when that is wanted, and never where it is refused. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { toHex } from '../../client/core/hash.ts';
import { buildDag } from '../../client/storage/dag.ts';
import type { UploadOptions } from '../../client/storage/upload.ts';
import { useFolders } from './folders.ts';

const quotaBytes = 1000;

interface Heard {
  /** Whether the body was asked for. */
  continued: boolean;
  status: number;
  sentence: string;
}

/** Sends the body when it is told to, not before. */
async function put(url: string, body: Uint8Array, headers: http.OutgoingHttpHeaders = {}): Promise<Heard> {
  const all = { 'content-length': body.length, expect: '100-continue', ...headers };
  const outgoing = http.request(url, { method: 'PUT', headers: all, agent: false });
  let continued = false;
  outgoing.on('continue', () => {
    continued = true;
    outgoing.end(body);
  });
  outgoing.flushHeaders();
  const [answer] = (await once(outgoing, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  outgoing.destroy();
  return { continued, status: answer.statusCode!, sentence: Buffer.concat(chunks).toString() };
}

describe('who expects 100 Continue', () => {
  const { open } = useFolders();
  /** Signatures are looked at when this is kept. */
  let gate = Promise.resolve();
  let asked = () => {};
  beforeEach(() => {
    gate = Promise.resolve();
    asked = () => {};
  });
  const upload: UploadOptions = {
    async acceptUpload({ authorization, digest }) {
      asked();
      await gate;
      return authorization === `alice ${toHex(digest)}` ? 'alice' : undefined;
    },
    maxBytes: 4000,
    quotaBytes,
  };

  async function blobUrl(endpoint: string | undefined, bytes: Uint8Array) {
    const { root } = await buildDag(bytes);
    return { url: `${endpoint}/ipfs/${root}`, authorization: `alice ${toHex(root.multihash.digest)}`, root };
  }

  it('never hears it where the upload is refused: no signature, a wrong one, too large, above the quota', async () => {
    const { endpoint } = await open({ upload });
    const bytes = randomBytes(10);
    const { url } = await blobUrl(endpoint, bytes);
    const unsigned = await put(url, bytes);
    expect([unsigned.continued, unsigned.status]).to.deep.equal([false, 401]);
    const forged = await put(url, bytes, { authorization: 'alice 0x00' });
    expect([forged.continued, forged.status]).to.deep.equal([false, 403]);
    for (const [size, sentence] of [
      [4001, 'A blob of at most 4000 bytes is taken.\n'],
      [quotaBytes + 1, 'A signer may have 1000 bytes here.\n'],
    ] as const) {
      const large = randomBytes(size);
      const { url: where, authorization } = await blobUrl(endpoint, large);
      expect(await put(where, large, { authorization })).to.deep.equal({ continued: false, status: 413, sentence });
    }
  });

  it('never hears it where nothing is taken, or a document is longer than the limit', async () => {
    const taken: unknown[] = [];
    const closed = await open();
    const { url } = await blobUrl(closed.endpoint, randomBytes(1));
    for (const where of [url, `${closed.endpoint}/attestations/1`]) {
      const heard = await put(where, Buffer.from('1'));
      expect([heard.continued, heard.status], where).to.deep.equal([false, 405]);
    }
    const { endpoint } = await open({ takeDocument: (_, document) => taken.push(document) > 0 });
    expect(await put(`${endpoint}/attestations/1`, randomBytes(2000))).to.deep.equal({
      continued: false,
      status: 413,
      sentence: 'A document of at most 1024 bytes is taken.\n',
    });
    expect(taken).to.deep.equal([]);
  });

  it('does not hear it again for a blob that is here already', async () => {
    const { endpoint } = await open({ upload });
    const bytes = randomBytes(10);
    const { url, authorization } = await blobUrl(endpoint, bytes);
    expect(await put(url, bytes, { authorization })).to.deep.equal({ continued: true, status: 201, sentence: '' });
    expect(await put(url, bytes, { authorization })).to.deep.equal({ continued: false, status: 200, sentence: '' });
  });

  it('may send at once what is short, and hears of a long document all the same', async () => {
    const { endpoint } = await open({ takeDocument: () => true });
    const { hostname, port } = new URL(endpoint!);
    const socket = connect(Number(port), hostname);
    socket.write('PUT /attestations/1 HTTP/1.1\r\nHost: node\r\nContent-Length: 2000\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).to.match(/^HTTP\/1\.1 413 /);
  });

  it('hears it at the limits, and is taken', async () => {
    const taken: unknown[] = [];
    const store = await open({ upload, takeDocument: (_, document) => taken.push(document) > 0 });
    const document = Buffer.from(JSON.stringify('x'.repeat(1022)));
    expect(document).to.have.lengthOf(1024);
    const handed = await put(`${store.endpoint}/attestations/1`, document);
    expect(handed).to.deep.equal({ continued: true, status: 200, sentence: '' });
    expect(taken).to.deep.equal(['x'.repeat(1022)]);
    const bytes = randomBytes(quotaBytes);
    const { url, authorization, root } = await blobUrl(store.endpoint, bytes);
    expect(await put(url, bytes, { authorization })).to.deep.equal({ continued: true, status: 201, sentence: '' });
    expect(await store.has(root)).to.equal(true);
  });

  it('leaves its room to others when it goes away while its signature is looked at', async () => {
    const store = await open({ upload });
    const bytes = randomBytes(quotaBytes);
    const { url, authorization, root } = await blobUrl(store.endpoint, bytes);
    let letPass = () => {};
    gate = new Promise((resolve) => {
      letPass = resolve;
    });
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const headers = { authorization, 'content-length': bytes.length, expect: '100-continue' };
    const outgoing = http.request(url, { method: 'PUT', headers, agent: false }).on('error', () => {});
    outgoing.flushHeaders();
    await isAsked;
    await new Promise((resolve) => outgoing.on('close', resolve).destroy());
    // the server knows of its end when it has answered a later one
    expect((await fetch(`${store.endpoint}/nothing`)).status).to.equal(404);
    letPass();
    let status = 0;
    for (let tries = 0; tries < 100 && status !== 201; tries++) ({ status } = await put(url, bytes, { authorization }));
    expect(status).to.equal(201);
    expect(await store.has(root)).to.equal(true);
  });
});
