/** Which addresses a node announces where they are not those that it listens on: behind a proxy or a TLS terminator, in a container. */
import { TributaryError } from '../core/errors.ts';
import { scopeOf } from '../storage/reach.ts';
import type { NodeOptions } from './options.ts';
import { hostOfAddress } from './publicAddress.ts';

export interface Announced {
  /** Of blobs: a base URL, with Helia a multiaddr. */
  blobs?: string | undefined;
  /** The base URL of documents. */
  documents?: string | undefined;
}

/** What `--public-url` says of either, for each store. Errors: CONFIG_INVALID. */
export function announcedAddresses({ store, listen, publicUrl = [], kuboGateway }: NodeOptions): Announced {
  if (listen === 'off') {
    if (publicUrl.length === 0) return {};
    throw invalid('a node that serves nobody (--listen off) announces no address: leave one of the two out');
  }
  const multiaddrs = publicUrl.filter((text) => text.startsWith('/'));
  const urls = publicUrl.filter((text) => !text.startsWith('/'));
  const most = { embedded: [1, 0], kubo: [2, 0], helia: [1, 1] }[store];
  if (urls.length > most[0]! || multiaddrs.length > most[1]!) throw invalid(wanted[store]);
  switch (store) {
    case 'embedded':
      return { blobs: urls[0], documents: urls[0] };
    case 'helia':
      return { blobs: multiaddrs[0], documents: urls[0] };
    case 'kubo': {
      if (urls.length === 2) return { blobs: urls[0], documents: urls[1] };
      const [url] = urls;
      // to others, a gateway that this machine alone can reach is none
      const isBehindUrl = url !== undefined && isLoopback(kuboGateway) && !isLoopback(url);
      return { blobs: isBehindUrl ? url : kuboGateway, documents: url };
    }
  }
}

const wanted = {
  embedded: 'give one base URL, such as https://node.example/tributary',
  kubo: 'give one base URL that the gateway and the documents are behind, or two, of the gateway and of the documents',
  helia:
    'give one multiaddr for blobs and one base URL for blobs and documents, such as /dns4/node.example/tcp/4001 and https://node.example',
};

function isLoopback(address: string): boolean {
  return scopeOf(hostOfAddress(address) ?? '') === 'loopback';
}

function invalid(what: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `option.publicUrl: ${what}.`, { args: { field: 'publicUrl' } });
}
