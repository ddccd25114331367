import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHeliaStore } from '../../client/storage/helia.ts';
import { itKeepsPins, itKeepsTheContract } from './contract.ts';

async function openPair() {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
  const author = await openHeliaStore({ folder: join(folder, 'author') });
  const reader = await openHeliaStore({ folder: join(folder, 'reader') });
  const close = async () => {
    await Promise.all([author.close(), reader.close()]);
    await rm(folder, { recursive: true });
  };
  return { author, reader, close };
}

describe('a Helia store', () => {
  itKeepsTheContract(openPair);
  itKeepsPins(openPair);
});
