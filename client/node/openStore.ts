import { join } from 'node:path';
import { TributaryError } from '../core/errors.ts';
import type { Report, Role } from '../participant/events.ts';
import type { Participant } from '../participant/participant.ts';
import { openEmbeddedStore } from '../storage/embedded.ts';
import type { Damage } from '../storage/keptFiles.ts';
import { type BlockServer, type DocumentParts, serveBlocks } from '../storage/server.ts';
import type { BlobStore } from '../storage/store.ts';
import type { UploadOptions } from '../storage/upload.ts';
import { pinKind } from './fileKinds.ts';
import type { NodeOptions } from './options.ts';

/** The backend that the options name; only the embedded one takes uploads. With `listen: 'off'` it has no endpoint. Errors: PORT_IN_USE, STORE_UNREACHABLE, CONFIG_INVALID. */
export async function openStore(
  options: NodeOptions,
  peers: () => readonly string[],
  documents: DocumentParts,
  report: Report,
  upload?: UploadOptions,
): Promise<BlobStore> {
  const listen = parseListen(options.listen);
  const onNotSwept = (reason: string) => report({ event: 'notSwept', reason });
  const onDamaged = (damage: Damage) => report({ event: 'damaged', ...damage, means: pinKind.means });
  const folder = join(options.data, 'blobs');
  switch (options.store) {
    case 'embedded':
      return await openEmbeddedStore({ folder, listen, peers, ...documents, upload, onNotSwept, onDamaged });
    // loaded when chosen: their packages take longer to start than all the rest
    case 'kubo': {
      const { connectKuboStore } = await import('../storage/kubo.ts');
      // who serves nobody says nothing of a gateway
      const gatewayUrl = listen && options.kuboGateway;
      return await connectKuboStore({ apiUrl: options.kuboApi, gatewayUrl, peers });
    }
    case 'helia': {
      const { openHeliaStore } = await import('../storage/helia.ts');
      return await openHeliaStore({
        folder,
        listen: listen ? [`/ip4/${listen.host}/tcp/${listen.port}`] : [],
        peers,
        onNotSwept,
        onDamaged,
      });
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

/** For backends that serve blobs only: documents are served beside them. Undefined for the embedded one, and for who serves nobody. Errors: PORT_IN_USE. */
export async function serveDocuments(options: NodeOptions, documents: DocumentParts): Promise<BlockServer | undefined> {
  const listen = parseListen(options.listen);
  if (options.store === 'embedded' || listen === undefined) return undefined;
  // the address itself is the backend's where it listens
  const { host, port } = listen;
  const beside = { host, port: options.store === 'helia' ? 0 : port };
  return await serveBlocks({ ...documents, readBlock: async () => undefined, receive: undefined }, beside);
}

function parseListen(text: string): { host: string; port: number } | undefined {
  if (text === 'off') return undefined;
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (port > 65_535) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `option.listen: there is no port ${port}: choose one up to 65535, or 0 for a free one.`,
    );
  }
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port };
}
