import { join } from 'node:path';
import { TributaryError } from '../core/errors.ts';
import type { Report, Role } from '../participant/events.ts';
import type { Participant } from '../participant/participant.ts';
import { openEmbeddedStore } from '../storage/embedded.ts';
import type { Damage } from '../storage/keptFiles.ts';
import { isUnspecified, type Reach } from '../storage/reach.ts';
import { type BlockServer, type DocumentParts, serveBlocks } from '../storage/server.ts';
import type { BlobStore } from '../storage/store.ts';
import { createReceiver, keepIn, type UploadOptions } from '../storage/upload.ts';
import { announcedAddresses } from './announced.ts';
import { pinKind } from './fileKinds.ts';
import { multiaddrOf, parseListen } from './listen.ts';
import type { NodeOptions } from './options.ts';

/**
 * The backend that the options name. With `listen: 'off'` it has no endpoint. `reach`: which peers it asks; any where nothing is said.
 * Errors: PORT_IN_USE, STORE_UNREACHABLE, CONFIG_INVALID.
 */
export async function openStore(
  options: NodeOptions,
  peers: () => readonly string[],
  documents: DocumentParts,
  report: Report,
  upload?: UploadOptions,
  reach?: Reach,
): Promise<BlobStore> {
  const listen = parseListen(options.listen);
  const { blobs } = announcedAddresses(options);
  const onNotSwept = (reason: string) => report({ event: 'notSwept', reason });
  const onDamaged = (damage: Damage) => report({ event: 'damaged', ...damage, means: pinKind.means });
  const folder = join(options.data, 'blobs');
  switch (options.store) {
    case 'embedded': {
      const at = listen && { ...listen, publicUrl: blobs };
      return await openEmbeddedStore({ folder, listen: at, peers, ...documents, upload, onNotSwept, onDamaged, reach });
    }
    // loaded when chosen: their packages take longer to start than all the rest
    case 'kubo': {
      const { connectKuboStore } = await import('../storage/kubo.ts');
      return await connectKuboStore({ apiUrl: options.kuboApi, gatewayUrl: blobs, peers, reach });
    }
    case 'helia': {
      const { openHeliaStore } = await import('../storage/helia.ts');
      if (listen !== undefined && isUnspecified(listen.host) && blobs === undefined) {
        const message = `Nobody can ask for ${listen.host}, which is every address of this machine: give the one that others reach it by with --public-url, for example --public-url /dns4/node.example/tcp/${listen.port || 4001}.`;
        throw new TributaryError('CONFIG_INVALID', message);
      }
      const at = listen === undefined ? [] : [multiaddrOf(listen)];
      return await openHeliaStore({ folder, listen: at, peers, onNotSwept, onDamaged, reach, publicAddress: blobs });
    }
  }
}

/** What a node tells its peers besides blobs, and an aggregator is told by them: other roles take nothing. */
export function documentParts(
  role: Role,
  documents: Participant['documents'],
  inbox: Participant['inbox'],
): DocumentParts {
  const readDocument = (path: string) => documents.get(path)?.();
  if (role !== 'aggregator') return { readDocument };
  return { readDocument, takeDocument: (path, document) => inbox.take?.(path, document) ?? false };
}

/**
 * What the embedded backend does by itself, beside the others: documents, uploads, and blobs that are served by no gateway. Undefined for the
 * embedded one, and for who serves nobody. Errors: PORT_IN_USE, CONFIG_INVALID.
 */
export async function serveDocuments(
  options: NodeOptions,
  documents: DocumentParts,
  store?: BlobStore,
  upload?: UploadOptions,
): Promise<BlockServer | undefined> {
  const listen = parseListen(options.listen);
  if (options.store === 'embedded' || listen === undefined) return undefined;
  const { host, port } = listen;
  // the port itself is the backend's where it listens
  const next = port === 0 || port === 65_535 ? 0 : port + 1;
  const at = { host, port: options.store === 'helia' ? next : port, publicUrl: announcedAddresses(options).documents };
  const readBlock = store?.readBlock ?? (async () => undefined);
  const receive = store && upload && createReceiver(keepIn(store), upload);
  return await serveBlocks({ ...documents, readBlock, receive }, at);
}
