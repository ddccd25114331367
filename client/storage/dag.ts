/**
 * The only tree that is ever written or read: one raw leaf, or one dag-pb UnixFS file root over 2 to 1024 raw leaves of
 * 1 MiB each but the last. It is what the profile `unixfs-v1-2025` makes of up to 1 GiB (IPIP-499), so the CIDs are
 * Kubo's and ipfs-unixfs-importer's. A root is canonical when encoding its leaves and size again gives the same bytes.
 */
import { decode, encode, prepare } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { dagPbCode, isBlobCid, leafBytes, maxBlobBytes, maxLeaves, rawCode } from '../core/cid.ts';
import { TributaryError, validateArgument } from '../core/errors.ts';
import { equalBytes } from '../core/hash.ts';

/** A block, and what it is addressed by. */
export interface Block {
  cid: CID;
  bytes: Uint8Array;
}

/** The blocks of a blob. */
export interface Dag {
  root: CID;
  /** Leaves in order, then the root where there is one above them. */
  blocks: Block[];
}

export interface Root {
  leaves: CID[];
  /** Bytes of the blob. */
  size: number;
}

/** No canonical root is larger: 1024 links of 46 bytes and 1024 block sizes of 4 come to about 51 KB. */
export const maxRootBytes = 2 ** 16;

/** The blob's blocks; the leaves are views of `bytes`. Errors: BLOB_TOO_LARGE, ARGUMENT_INVALID. */
export async function buildDag(bytes: Uint8Array): Promise<Dag> {
  if (bytes.length > maxBlobBytes) {
    throw new TributaryError(
      'BLOB_TOO_LARGE',
      `A blob has at most ${maxBlobBytes} bytes, not ${bytes.length}: split it.`,
    );
  }
  const leaves: Block[] = [];
  for (let offset = 0; offset < bytes.length || offset === 0; offset += leafBytes) {
    leaves.push(await createBlock(rawCode, bytes.subarray(offset, offset + leafBytes)));
  }
  if (leaves.length === 1) {
    validateArgument(
      decodeRoot(bytes) === undefined,
      'These bytes are the root block of another blob, so their digest would have two meanings: prefix them with a header.',
    );
    return { root: leaves[0]!.cid, blocks: leaves };
  }
  const size = bytes.length;
  const root = await createBlock(dagPbCode, encodeRoot({ leaves: leaves.map(({ cid }) => cid), size }));
  return { root: root.cid, blocks: [...leaves, root] };
}

/** What a block says as a root, or undefined where it is not a canonical one. */
export function decodeRoot(bytes: Uint8Array): Root | undefined {
  if (bytes.length > maxRootBytes) return undefined;
  let root: Root;
  try {
    const { Links: links } = decode(bytes);
    root = {
      leaves: links.map(({ Hash }) => Hash),
      size: links.reduce((size, { Tsize }) => size + (Tsize ?? 0), 0),
    };
  } catch {
    return undefined;
  }
  const { leaves, size } = root;
  const fits =
    leaves.length >= 2 &&
    leaves.length <= maxLeaves &&
    leaves.every((cid) => isBlobCid(cid) && cid.code === rawCode) &&
    Math.ceil(size / leafBytes) === leaves.length;
  return fits && equalBytes(encodeRoot(root), bytes) ? root : undefined;
}

/** Bytes of leaf `index` in a blob of `size` bytes. */
export function sizeOfLeaf(index: number, size: number): number {
  return Math.min(leafBytes, size - index * leafBytes);
}

function encodeRoot({ leaves, size }: Root): Uint8Array {
  const file = new UnixFS({ type: 'file' });
  const links = leaves.map((Hash, index) => {
    const Tsize = sizeOfLeaf(index, size);
    file.addBlockSize(BigInt(Tsize));
    return { Name: '', Tsize, Hash };
  });
  return encode(prepare({ Data: file.marshal(), Links: links }));
}

async function createBlock(code: number, bytes: Uint8Array): Promise<Block> {
  return { cid: CID.createV1(code, await sha256.digest(bytes)), bytes };
}
