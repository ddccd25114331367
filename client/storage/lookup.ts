/** Names, resolved when a connection is made and not before: what a name means may have changed since it was looked at. */
import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isLocalhost, isWithin, type Reach, type Scope, scopeOf } from './reach.ts';

/** As `dns.lookup`, for `net.connect`: gives those of a name's addresses that are within reach, and fails where none is. */
export function lookupWithin(reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(isLocalhost(hostname) ? 'localhost' : hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const within = found.filter(({ address }) => isWithin(reach, scopeOf(address) ?? 'nowhere'));
      const [first] = within;
      if (first === undefined) return callback(new Error(refusal(hostname, found[0]?.address ?? 'nothing')), []);
      if (options.all) callback(null, within);
      else callback(null, first.address, first.family);
    });
  };
}

/** Addresses are connected to without a look-up. Throws where the host is one that is not within reach. */
export function insistWithin(reach: Reach, host: string): void {
  const scope = scopeOf(host);
  if (scope !== undefined && !isWithin(reach, scope)) throw new Error(refusal(host, host));
}

/** Of a name, those of all its addresses; none where it has no address. */
export async function resolveScopes(host: string): Promise<Scope[]> {
  const known = scopeOf(host);
  if (known !== undefined) return [known];
  const found = await dns.promises.lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => scopeOf(address) ?? 'nowhere');
}

function refusal(host: string, address: string): string {
  const resolved = host === address ? host : `${host}, which is ${address},`;
  return `${resolved} is ${descriptions[scopeOf(address) ?? 'nowhere']}: it is not asked without --allow-private-peers`;
}

const descriptions: Record<Scope, string> = {
  public: 'a public address',
  private: 'a private address',
  loopback: 'an address of this very machine',
  nowhere: 'no address of a peer (link-local, unspecified, multicast or reserved)',
};
