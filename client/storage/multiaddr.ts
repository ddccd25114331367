/** Multiaddrs that strangers announce (https://github.com/multiformats/multiaddr): whether their first part is within reach. */
import { resolveScopes } from './lookup.ts';
import { isWithin, type Reach, scopeOf } from './reach.ts';

/** The host that is connected to; undefined where none is named. */
export function hostOfMultiaddr(address: string): string | undefined {
  return /^\/(?:ip4|ip6|dns|dns4|dns6)\/([^/]+)/.exec(address.replace(/^\/ip6zone\/[^/]+/, ''))?.[1];
}

/** False where it names an address out of reach. A name is looked up when it is connected to. */
export function isAddressWithin(reach: Reach, address: string): boolean {
  const host = hostOfMultiaddr(address);
  if (host === undefined) return reach === 'anywhere';
  const scope = scopeOf(host);
  return scope === undefined || isWithin(reach, scope);
}

/** For who connects elsewhere: names are looked up now. */
export async function resolvesWithin(reach: Reach, address: string): Promise<boolean> {
  if (reach === 'anywhere') return true;
  const host = hostOfMultiaddr(address);
  const scopes = host === undefined ? [] : await resolveScopes(host);
  return scopes.length > 0 && scopes.every((scope) => isWithin(reach, scope));
}
