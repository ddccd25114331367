import { expect } from 'chai';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { cidFromDigest, dagPbCode, digestOfCid, leafBytes, maxBlobBytes, rawCode } from '../../client/core/cid.ts';

describe('cid', () => {
  const digest = Uint8Array.from({ length: 32 }, (_, index) => index);

  it('rejects digests of another length and blobs of another size', () => {
    expect(() => cidFromDigest(digest.subarray(1), 1)).to.throw('32 bytes');
    for (const size of [-1, 0.5, maxBlobBytes + 1]) expect(() => cidFromDigest(digest, size)).to.throw('A blob has');
  });

  it('rejects CIDs of other versions, codecs and hashes', async () => {
    const hash = await sha256.digest(digest);
    const others = [CID.createV0(hash), CID.createV1(0x71, hash), CID.parse('bafkqaaa')];
    for (const cid of others) expect(() => digestOfCid(cid)).to.throw('does not name a blob');
  });

  it('decides the codec by the length', () => {
    expect(cidFromDigest(digest, 0).code).to.equal(rawCode);
    expect(cidFromDigest(digest, leafBytes).code).to.equal(rawCode);
    expect(cidFromDigest(digest, leafBytes + 1).code).to.equal(dagPbCode);
  });

  it('goes from digest to CID and back', () => {
    for (const size of [7, maxBlobBytes]) expect(digestOfCid(cidFromDigest(digest, size))).to.deep.equal(digest);
  });
});
