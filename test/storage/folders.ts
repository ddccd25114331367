import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedStoreOptions, openEmbeddedStore } from '../../client/storage/embedded.ts';
import type { BlobStore } from '../../client/storage/store.ts';

/** A new folder, and what was opened in it, for each test; all is closed and removed after the test. */
export function useFolders() {
  const folders: string[] = [];
  const stores: BlobStore[] = [];
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  });
  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-storage-'));
    folders.push(folder);
    return folder;
  }
  async function open(options: Partial<EmbeddedStoreOptions> = {}): Promise<BlobStore> {
    const store = await openEmbeddedStore({ listen: {}, ...options, folder: options.folder ?? (await newFolder()) });
    stores.push(store);
    return store;
  }
  return { newFolder, open };
}
