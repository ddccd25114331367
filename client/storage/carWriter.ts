import { CarWriter } from '@ipld/car/writer';
import type { CID } from 'multiformats/cid';
import type { Block } from './dag.ts';

/** The bytes of a CAR (see car.ts). It ends early, and throws, where the blocks do. */
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
