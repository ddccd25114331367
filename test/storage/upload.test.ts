import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { expect } from 'chai';
import { leafBytes } from '../../client/core/cid.ts';
import { toHex } from '../../client/core/hash.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { pushBlob } from '../../client/storage/peer.ts';
import type { UploadOptions, UploadRequest } from '../../client/storage/upload.ts';
import { absentCid, limits } from './contract.ts';
import { expectError } from './expectError.ts';
import { useFolders } from './folders.ts';

describe('an upload', () => {
  const { newFolder, open } = useFolders();
  /** Accepts "signer digest". */
  function acceptUpload({ authorization, digest }: UploadRequest): string | undefined {
    const [signer, signed] = authorization.split(' ');
    return signed === toHex(digest) ? signer : undefined;
  }
  const upload: UploadOptions = { acceptUpload, maxBytes: 3 * leafBytes, quotaBytes: 4 * leafBytes };

  async function push(endpoint: string, bytes: Uint8Array, signer = 'alice', claimed?: Uint8Array) {
    const { root } = await buildDag(claimed ?? bytes);
    const authorization = `${signer} ${toHex(root.multihash.digest)}`;
    await pushBlob(endpoint, root, bytes, { authorization, signal: new AbortController().signal });
    return root;
  }

  it('is refused where nobody listens, where none are taken, and without a good signature', async () => {
    const bytes = randomBytes(10);
    const { signal } = new AbortController();
    const { root } = await buildDag(bytes);
    await expectError(() => push('http://127.0.0.1:1', bytes), 'STORE_UNREACHABLE');
    const closed = await open();
    await expectError(() => push(closed.endpoint!, bytes), 'STORE_UNREACHABLE');
    const store = await open({ upload });
    const forged = { authorization: 'alice 0x00', signal };
    await expectError(() => pushBlob(store.endpoint!, root, bytes, forged), 'NOT_ELIGIBLE');
    const unsigned = await fetch(`${store.endpoint}/ipfs/${root}`, { method: 'PUT', body: bytes });
    expect(unsigned.status).to.equal(401);
    expect(await store.has(root)).to.equal(false);
  });

  it('is refused when the bytes are not those of the CID', async () => {
    const store = await open({ upload });
    const claimed = randomBytes(2 * leafBytes);
    await expectError(() => push(store.endpoint!, randomBytes(2 * leafBytes), 'alice', claimed), 'BLOB_MISMATCH');
    expect(await store.has((await buildDag(claimed)).root)).to.equal(false);
  });

  it('is refused above the size limit, without a length, and above the quota', async () => {
    const store = await open({ upload });
    await expectError(() => push(store.endpoint!, randomBytes(3 * leafBytes + 1)), 'BLOB_TOO_LARGE');
    const streamed = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(10));
        controller.close();
      },
    });
    const init = { method: 'PUT', body: streamed, duplex: 'half', headers: { authorization: 'alice' } } as RequestInit;
    expect((await fetch(`${store.endpoint}/ipfs/${await absentCid()}`, init)).status).to.equal(411);
    const cid = await push(store.endpoint!, randomBytes(3 * leafBytes));
    await expectError(() => push(store.endpoint!, randomBytes(leafBytes + 1)), 'BLOB_TOO_LARGE');
    await push(store.endpoint!, randomBytes(leafBytes + 1), 'bob');
    await store.unpin(cid);
    await push(store.endpoint!, randomBytes(leafBytes + 1));
  });

  it('counts what arrives at the same time, and what was uploaded before a restart', async () => {
    const folder = await newFolder();
    const first = await open({ folder, upload });
    const both = [randomBytes(2.5 * leafBytes), randomBytes(2.5 * leafBytes)];
    const outcomes = await Promise.allSettled(both.map((bytes) => push(first.endpoint!, bytes)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.lengthOf(1);
    await first.close();
    const second = await open({ folder, upload });
    await expectError(() => push(second.endpoint!, randomBytes(2 * leafBytes)), 'BLOB_TOO_LARGE');
  });

  it('that breaks off leaves nothing, and its room is free again', async () => {
    const store = await open({ upload });
    const bytes = randomBytes(3 * leafBytes);
    const { root } = await buildDag(bytes);
    const { hostname, port } = new URL(store.endpoint!);
    const socket = connect(Number(port), hostname);
    const lines = [`PUT /ipfs/${root} HTTP/1.1`, 'Host: node', `Content-Length: ${bytes.length}`];
    socket.write(`${lines.join('\r\n')}\r\nAuthorization: alice ${toHex(root.multihash.digest)}\r\n\r\nsome bytes`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => socket.on('close', resolve).destroy());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await store.has(root)).to.equal(false);
    await push(store.endpoint!, bytes);
    expect(await store.has(root)).to.equal(true);
  });

  it('is pinned, served, and harmless when it is repeated', async () => {
    const store = await open({ upload });
    const reader = await open();
    const bytes = randomBytes(2 * leafBytes);
    const cid = await push(store.endpoint!, bytes);
    await push(store.endpoint!, bytes);
    await push(store.endpoint!, bytes, 'bob');
    expect(Buffer.from(await reader.get(cid, limits({ peers: [store.endpoint!] }))).equals(bytes)).to.equal(true);
  });
});
