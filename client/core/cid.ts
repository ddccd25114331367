/**
 * How a blob is named on chain: by the 32-byte sha2-256 digest of its root block, nothing else.
 *
 * With the import parameters fixed (UnixFS profile `unixfs-v1-2025`, IPIP-499) the rest of the CID follows from the
 * length of the blob: up to 1 MiB it is one raw leaf (codec raw), above that a dag-pb root over raw leaves. Where the
 * length is not known beforehand, `fetchByDigest` (storage) asks for the block and lets its bytes decide.
 *
 * A digest never has two contents. A raw leaf whose bytes happen to be a well-formed root could be read either way, so
 * every reader, and `put`, refuses it: such a digest only ever names the blob below the root.
 */
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import { validateArgument } from './errors.ts';

/** Bytes in each leaf but the last, and the largest blob that is a single leaf: 1 MiB. */
export const leafBytes = 2 ** 20;
/** Links of the root at most: one level of the profile's tree. */
export const maxLeaves = 1024;
/** The largest blob, 1 GiB: what one level of links holds. */
export const maxBlobBytes = leafBytes * maxLeaves;

/** Multicodec codes (https://github.com/multiformats/multicodec). */
export const rawCode = 0x55;
export const dagPbCode = 0x70;
const sha256Code = 0x12;

/** True for the CIDs that a blob, or a block of one, can have: version 1, sha2-256, raw or dag-pb. */
export function isBlobCid(cid: CID): boolean {
  return (
    cid.version === 1 &&
    cid.multihash.code === sha256Code &&
    cid.multihash.digest.length === 32 &&
    (cid.code === rawCode || cid.code === dagPbCode)
  );
}

/** The 32 bytes that stand for the CID on chain. Errors: ARGUMENT_INVALID. */
export function digestOfCid(cid: CID): Uint8Array {
  validateArgument(isBlobCid(cid), `The CID ${cid} does not name a blob: use a CIDv1 with sha2-256 and raw or dag-pb.`);
  return cid.multihash.digest;
}

/** The CID of a blob of `byteLength` bytes whose root block has this digest. Errors: ARGUMENT_INVALID. */
export function cidFromDigest(digest: Uint8Array, byteLength: number): CID {
  validateArgument(digest.length === 32, `A sha2-256 digest has 32 bytes, not ${digest.length}.`);
  validateArgument(
    Number.isInteger(byteLength) && byteLength >= 0 && byteLength <= maxBlobBytes,
    `A blob has 0 to ${maxBlobBytes} bytes, not ${byteLength}.`,
  );
  return CID.createV1(byteLength <= leafBytes ? rawCode : dagPbCode, create(sha256Code, digest));
}
