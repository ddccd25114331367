import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder for the tests of one file. */
export async function createFolder() {
  const path = await mkdtemp(join(tmpdir(), 'tributary-data-'));
  return {
    path,
    async write(name: string, content: string | Uint8Array): Promise<string> {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    remove: () => rm(path, { recursive: true }),
  };
}
