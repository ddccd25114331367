/** What every backend promises, as tests that each backend's own test file runs against its factory. */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { CID } from 'multiformats/cid';
import { digestOfCid, leafBytes } from '../../client/core/cid.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { fetchByDigest } from '../../client/storage/digest.ts';
import type { BlobStore, GetOptions } from '../../client/storage/store.ts';
import { expectError } from './expectError.ts';

/** Two nodes of one network: what is put into `author` can be got from `reader`, which may be the same. */
export interface Pair {
  author: BlobStore;
  reader: BlobStore;
  close(): Promise<void>;
}

export function limits(overrides: Partial<GetOptions> = {}): GetOptions {
  return { maxBytes: 2 ** 26, signal: AbortSignal.timeout(10_000), ...overrides };
}

/** No store has it. */
export async function absentCid(): Promise<CID> {
  return (await buildDag(randomBytes(100))).root;
}

const sizes = [0, 1, 1000, leafBytes - 1, leafBytes, leafBytes + 1, 3 * leafBytes, 5_000_000];

export function itKeepsTheContract(open: () => Promise<Pair>): void {
  let pair: Pair;
  const near = () => limits({ peers: pair.author.endpoint ? [pair.author.endpoint] : [] });

  before(async () => {
    pair = await open();
  });
  after(() => pair.close());

  for (const size of sizes) {
    it(`gives back ${size} bytes, by CID and by digest`, async () => {
      const bytes = randomBytes(size);
      const cid = await pair.author.put(bytes);
      expect(Buffer.from(await pair.reader.get(cid, near())).equals(bytes)).to.equal(true);
      const fetched = await fetchByDigest(pair.reader, digestOfCid(cid), near());
      expect(fetched.cid.toString()).to.equal(cid.toString());
      expect(Buffer.from(fetched.bytes).equals(bytes)).to.equal(true);
    });
  }

  it('gives equal leaves back in their places', async () => {
    const bytes = new Uint8Array(3 * leafBytes + 5);
    const cid = await pair.author.put(bytes);
    expect(await pair.reader.get(cid, near())).to.have.lengthOf(bytes.length);
  });

  it('puts the same bytes twice under one CID', async () => {
    const bytes = randomBytes(2 * leafBytes);
    const first = await pair.author.put(bytes);
    expect((await pair.author.put(bytes)).toString()).to.equal(first.toString());
    expect(await pair.author.has(first)).to.equal(true);
  });

  it('refuses a blob above the limit, of one leaf and of many', async () => {
    for (const size of [1000, 2 * leafBytes]) {
      const cid = await pair.author.put(randomBytes(size));
      await expectError(() => pair.reader.get(cid, { ...near(), maxBytes: size - 1 }), 'BLOB_TOO_LARGE');
    }
  });

  it('says that a blob is not available, to be retried, when nobody has it in time', async () => {
    const cid = await absentCid();
    const signal = AbortSignal.timeout(400);
    const error = await expectError(() => pair.reader.get(cid, { ...near(), signal }), 'BLOB_UNAVAILABLE');
    expect(error.retryable).to.equal(true);
  });

  it('stops when it is told to', async () => {
    const cid = await absentCid();
    await expectError(() => pair.reader.get(cid, { ...near(), signal: AbortSignal.abort() }), 'ABORTED');
  });
}

/** For backends that keep blobs. */
export function itKeepsPins(open: () => Promise<Pair>): void {
  let pair: Pair;
  before(async () => {
    pair = await open();
  });
  after(() => pair.close());

  it('pins a blob of a peer, and has it without the peer', async () => {
    const { author, reader } = pair;
    const cid = await author.put(randomBytes(2 * leafBytes));
    expect(await reader.has(cid)).to.equal(false);
    await reader.pin(cid, limits({ peers: [author.endpoint!] }));
    await author.unpin(cid);
    expect(await reader.has(cid)).to.equal(true);
    expect(await reader.get(cid, limits())).to.have.lengthOf(2 * leafBytes);
  });

  it('does not put what was stopped', async () => {
    const { author } = pair;
    await expectError(() => author.put(new Uint8Array(3), { signal: AbortSignal.abort() }), 'ABORTED');
  });

  it('takes an unpin of what it does not have', async () => {
    const cid = await absentCid();
    await pair.author.unpin(cid);
    expect(await pair.author.has(cid)).to.equal(false);
  });
}
