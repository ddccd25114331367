import { randomBytes } from 'node:crypto';
import { encode, prepare } from '@ipld/dag-pb';
import { MemoryBlockstore } from 'blockstore-core';
import { expect } from 'chai';
import fc from 'fast-check';
import { UnixFS } from 'ipfs-unixfs';
import { importer } from 'ipfs-unixfs-importer';
import { cidFromDigest, digestOfCid, leafBytes } from '../../client/core/cid.ts';
import { buildDag, decodeRoot, maxRootBytes } from '../../client/storage/dag.ts';
import { expectError } from './expectError.ts';

async function importedCid(bytes: Uint8Array): Promise<string> {
  const source = [{ content: bytes }];
  for await (const { cid } of importer(source, new MemoryBlockstore(), { profile: 'unixfs-v1-2025' })) {
    return cid.toString();
  }
  throw new Error('nothing imported');
}

/** A root over the leaves of a blob, changed by `alter`. */
async function alteredRoot(alter: (file: UnixFS, links: { Name: string; Tsize: number }[]) => void) {
  const { blocks } = await buildDag(randomBytes(2 * leafBytes + 9));
  const file = new UnixFS({ type: 'file' });
  const links = blocks.slice(0, -1).map(({ cid, bytes }) => {
    file.addBlockSize(BigInt(bytes.length));
    return { Name: '', Tsize: bytes.length, Hash: cid };
  });
  alter(file, links);
  return encode(prepare({ Data: file.marshal(), Links: links }));
}

describe('dag', () => {
  it('refuses bytes that are the root of another blob: their digest would have two contents', async () => {
    const { blocks } = await buildDag(randomBytes(leafBytes + 1));
    await expectError(() => buildDag(blocks.at(-1)!.bytes), 'ARGUMENT_INVALID');
  });

  it('takes the unaltered root, and no altered one, as canonical', async () => {
    expect(decodeRoot(await alteredRoot(() => {}))?.size).to.equal(2 * leafBytes + 9);
    const alterations: Parameters<typeof alteredRoot>[0][] = [
      (file) => file.addBlockSize(1n),
      (file) => file.removeBlockSize(2),
      (file) => {
        file.data = new Uint8Array([1]);
      },
      (file) => {
        file.mtime = { secs: 5n };
      },
      (_, links) => {
        links[0]!.Name = 'a';
      },
      (_, links) => {
        links[0]!.Tsize -= 1;
      },
      (_, links) => {
        links[2]!.Tsize = 2 ** 50;
      },
      (_, links) => links.splice(1),
      (_, links) => links.splice(0),
    ];
    for (const alter of alterations) expect(decodeRoot(await alteredRoot(alter)), String(alter)).to.equal(undefined);
  });

  it('takes no root with bytes after it, and no other bytes, as canonical', async () => {
    const root = await alteredRoot(() => {});
    expect(decodeRoot(Uint8Array.from([...root, 0]))).to.equal(undefined);
    expect(decodeRoot(new Uint8Array(maxRootBytes + 1))).to.equal(undefined);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeRoot(bytes) === undefined));
  });

  it('gives the CIDs that are known for the empty blob and for "hello world"', async () => {
    const known = {
      '': 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
      'hello world': 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e',
    };
    for (const [text, cid] of Object.entries(known)) {
      expect((await buildDag(new TextEncoder().encode(text))).root.toString()).to.equal(cid);
    }
  });

  for (const size of [0, 1, leafBytes, leafBytes + 1, 2 * leafBytes, 5_000_000]) {
    it(`gives ipfs-unixfs-importer's CID for ${size} bytes, and its digest and length give it back`, async () => {
      const bytes = randomBytes(size);
      const { root } = await buildDag(bytes);
      expect(root.toString()).to.equal(await importedCid(bytes));
      expect(cidFromDigest(digestOfCid(root), size).toString()).to.equal(root.toString());
    });
  }
});
