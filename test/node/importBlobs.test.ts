/** What lies beside a deployment file is taken where the chain names it, and nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { digestOfCid } from '../../client/core/cid.ts';
import { toHex } from '../../client/core/hash.ts';
import { encodeManifest } from '../../client/core/task.ts';
import { importBlobs } from '../../client/node/importBlobs.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import { buildDag } from '../../client/storage/dag.ts';
import type { BlobStore } from '../../client/storage/store.ts';
import { smallManifest } from '../chain/federation.ts';

const digestOf = async (bytes: Uint8Array) => digestOfCid((await buildDag(bytes)).root);

describe('the blobs beside a deployment file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-blobs-'));
  after(() => rmSync(folder, { recursive: true }));
  const model = Uint8Array.of(1, 2, 3);
  const genesis = Uint8Array.of(4, 5);

  async function imported(changed: Record<string, Uint8Array>): Promise<{ put: number; said: string[] }> {
    const file = { cid: toHex(await digestOf(model)), bytes: model.length };
    const { inputShape, classes } = smallManifest.model;
    const manifest = encodeManifest({ ...smallManifest, model: { kind: 'onnx', inputShape, classes, file } } as never);
    const files = { manifest, genesis, model, ...changed };
    const paths = Object.entries(files).map(([name, bytes]) => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    });
    const put: Uint8Array[] = [];
    const said: NodeEvent[] = [];
    const store = { put: async (bytes: Uint8Array) => void put.push(bytes) } as unknown as BlobStore;
    const node = { store, report: (event: NodeEvent) => said.push(event) };
    const named = { manifests: [await digestOf(manifest)], models: [await digestOf(genesis)] };
    await importBlobs([...paths, join(folder, 'none')], node, named);
    const names = said.map((event) => (event as { file: string }).file.slice(folder.length + 1));
    return { put: put.length, said: names };
  }

  it('are put into the store, the file of the model too, which the manifest names', async () => {
    expect(await imported({})).to.deep.equal({ put: 3, said: [] });
  });
  it('may be manifests that the chain does not name yet, with the files of their models', async () => {
    const other = encodeManifest({ ...smallManifest, name: 'to be proposed' });
    expect(await imported({ other })).to.deep.equal({ put: 4, said: [] });
    const changed = new TextEncoder().encode(`${new TextDecoder().decode(other)} `);
    expect(await imported({ other: changed })).to.deep.equal({ put: 3, said: ['other'] });
  });
  it('are left where they are, and named, where their bytes were changed or cut', async () => {
    expect(await imported({ model: Uint8Array.of(1, 2) })).to.deep.equal({ put: 2, said: ['model'] });
    expect(await imported({ genesis: new Uint8Array(0) })).to.deep.equal({ put: 2, said: ['genesis'] });
    expect((await imported({ manifest: Uint8Array.of(1) })).said).to.include('manifest');
  });
});
