/**
 * A blob's blocks in one answer: CAR version 1 (https://ipld.io/specs/transport/car/carv1/), root first, as the trustless gateway
 * protocol has it with `order=dfs`.
 */
import { CarBlockIterator } from '@ipld/car/iterator';
import { CarWriter } from '@ipld/car/writer';
import type { CID } from 'multiformats/cid';
import { leafBytes, maxLeaves } from '../core/cid.ts';
import { type Block, maxRootBytes } from './dag.ts';

export const carType = 'application/vnd.ipld.car';

/** No section of ours is longer; chunks come a few at a time, so that somewhat more may have been read. */
const maxUnreadBytes = leafBytes + maxRootBytes + 2 ** 20;
/** Of a section besides its block: a length and a CID. */
const sectionBytes = 64;

/** The file's bytes. It ends early, and throws, where the blocks do. */
export async function* carOf(
  root: CID,
  blocks: Iterable<Block> | AsyncIterable<Block>,
): AsyncGenerator<Uint8Array, undefined> {
  const { writer, out } = CarWriter.create([root]);
  const written = (async () => {
    try {
      for await (const block of blocks) await writer.put(block);
    } finally {
      await writer.close();
    }
  })();
  // it is heard of below
  written.catch(() => undefined);
  yield* out;
  await written;
}

/** The longest file of a blob of so many bytes. */
export function longestCar(blobBytes: number): number {
  return blobBytes + maxRootBytes + (maxLeaves + 2) * sectionBytes;
}

/** The blocks of a file, unverified. Throws where it is none, and where a block is longer than any of ours. */
export async function* readCar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block, undefined> {
  let unread = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      unread += chunk.length;
      if (unread > maxUnreadBytes) throw new Error('a block of more bytes than any has');
      yield chunk;
    }
  }
  for await (const block of await CarBlockIterator.fromIterable(counted())) {
    unread = 0;
    yield block;
  }
}
