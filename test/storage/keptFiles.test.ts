/** Small files, on a disk and in memory: the same to who keeps something in them. */
import { expect } from 'chai';
import { openKeptFiles } from '../../client/storage/durable.ts';
import { type KeptFiles, keepInMemory, readJson, writeJson } from '../../client/storage/keptFiles.ts';
import { useFolders } from './folders.ts';

describe('kept files', () => {
  const { newFolder } = useFolders();
  const kinds: Record<string, () => Promise<KeptFiles>> = {
    'on a disk': async () => await openKeptFiles(await newFolder()),
    'in memory': async () => keepInMemory(),
  };

  for (const [kind, open] of Object.entries(kinds)) {
    it(`${kind}, are what was written last, until they are removed`, async () => {
      const files = await open();
      expect(await files.read('a')).to.equal(undefined);
      expect(await files.names()).to.deep.equal([]);
      await files.write('a', Uint8Array.of(1, 2, 3));
      await files.write('b', new Uint8Array(0));
      await files.write('a', Uint8Array.of(4));
      expect([...(await files.read('a'))!]).to.deep.equal([4]);
      expect([...(await files.read('b'))!]).to.deep.equal([]);
      expect((await files.names()).sort()).to.deep.equal(['a', 'b']);
      await files.remove('a');
      await files.remove('a');
      expect(await files.read('a')).to.equal(undefined);
      expect(await files.names()).to.deep.equal(['b']);
    });

    it(`${kind}, do not change with the bytes that were handed in or out`, async () => {
      const files = await open();
      const bytes = Uint8Array.of(1, 2, 3);
      await files.write('a', bytes);
      bytes.fill(9);
      (await files.read('a'))!.fill(8);
      expect([...(await files.read('a'))!]).to.deep.equal([1, 2, 3]);
    });

    it(`${kind}, hold documents`, async () => {
      const files = await open();
      expect(await readJson(files, 'a.json')).to.equal(undefined);
      const document = { readTo: 5, name: 'Zürich', none: null };
      await writeJson(files, 'a.json', document);
      expect(await readJson(files, 'a.json')).to.deep.equal(document);
    });
  }
});
