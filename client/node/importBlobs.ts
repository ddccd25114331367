/** Blobs that lie beside the deployment file: each is what the chain names, or a manifest that may be proposed, or is not taken. */
import { readFile } from 'node:fs/promises';
import { digestOfCid } from '../core/cid.ts';
import { equalBytes, type Hash, toHex } from '../core/hash.ts';
import { decodeManifest, encodeManifest, type TaskManifest } from '../core/task.ts';
import type { Report } from '../participant/events.ts';
import { buildDag } from '../storage/dag.ts';
import type { BlobStore } from '../storage/store.ts';

const problem = 'neither the chain nor the manifest names its bytes';
const means = 'it is not served from here, and is fetched from peers: take the file again from who gave it to you';

/** They are served from here on. `manifests` and `models` are the digests that the chain names. Errors: those of `BlobStore.put`. */
export async function importBlobs(
  paths: readonly string[],
  { store, report }: { store: BlobStore; report: Report },
  { manifests, models }: { manifests: readonly Hash[]; models: readonly Hash[] },
): Promise<void> {
  const files = (await Promise.all(paths.map(readBlobFile))).filter((file) => file !== undefined);
  const named = new Set([...manifests, ...models].map(toHex));
  for (const { digest, bytes } of files) {
    const manifest = readManifest(bytes);
    if (manifest === undefined) continue;
    // one that the chain does not name is to be proposed: docs/governance.md
    named.add(digest);
    if (manifest.model.file !== undefined) named.add(manifest.model.file.cid);
  }
  for (const { path, digest, bytes } of files) {
    if (named.has(digest)) await store.put(bytes);
    else report({ event: 'damaged', file: path, problem, keptAs: null, means });
  }
}

/** The manifests that lie beside a deployment, with the digests by which a chain names them. */
export async function findManifests(paths: readonly string[]): Promise<{ digest: string; manifest: TaskManifest }[]> {
  const files = await Promise.all(paths.map(readBlobFile));
  return files.flatMap((file) => {
    const manifest = file && readManifest(file.bytes);
    return manifest === undefined ? [] : [{ digest: file!.digest, manifest }];
  });
}

/** Undefined for what is no manifest. */
function readManifest(bytes: Uint8Array): TaskManifest | undefined {
  try {
    const manifest = decodeManifest(bytes);
    return equalBytes(encodeManifest(manifest), bytes) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where it is not there, as when only the deployment file was given. */
async function readBlobFile(path: string): Promise<{ path: string; bytes: Uint8Array; digest: string } | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  // there are bytes that no blob may have
  const dag = await buildDag(bytes).catch(() => undefined);
  return { path, bytes, digest: dag === undefined ? '' : toHex(digestOfCid(dag.root)) };
}
