import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reach } from '../storage/reach.ts';
import type { BlobStore } from '../storage/store.ts';

/** A store that reads from nodes which serve by bitswap; its package is loaded only then. Errors: STORE_UNREACHABLE. */
export async function openBitswap(peers: () => string[], reach?: Reach): Promise<BlobStore> {
  const { openHeliaStore } = await import('../storage/helia.ts');
  const folder = join(tmpdir(), `tributary-${process.pid}`);
  return await openHeliaStore({ folder, listen: ['/ip4/127.0.0.1/tcp/0'], peers, reach });
}
