/**
 * Who can be reached at an address, by the registries of special-purpose addresses (RFC 6890 and what IANA has added since), and
 * which addresses a node asks: those that strangers announce on chain may be any, also of what only this machine should reach.
 */

/** `nowhere`: where no peer is: link-local (also the metadata of clouds), unspecified, multicast, reserved. */
export type Scope = 'public' | 'private' | 'loopback' | 'nowhere';

/** The widest scope that is asked; each takes those before it too. */
export type Reach = 'public' | 'private' | 'loopback' | 'anywhere';

const ranks = { public: 0, private: 1, loopback: 2, nowhere: 3, anywhere: 3 } as const;

/** The first that fits counts. */
const special: [block: string, scope: Scope][] = [
  // what clouds tell their machines, at addresses that are not link-local: Alibaba, Azure, AWS
  ['100.100.100.200/32', 'nowhere'],
  ['168.63.129.16/32', 'nowhere'],
  ['fd00:ec2::/32', 'nowhere'],
  ['0.0.0.0/8', 'nowhere'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'private'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'nowhere'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'nowhere'],
  ['192.0.2.0/24', 'nowhere'],
  ['192.88.99.0/24', 'nowhere'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'nowhere'],
  ['198.51.100.0/24', 'nowhere'],
  ['203.0.113.0/24', 'nowhere'],
  ['224.0.0.0/3', 'nowhere'],
  ['::/128', 'nowhere'],
  ['::1/128', 'loopback'],
  ['fc00::/7', 'private'],
  ['2001::/23', 'nowhere'],
  ['2001:db8::/32', 'nowhere'],
  ['3fff::/20', 'nowhere'],
];

/** Blocks of IPv6 that carry an address of IPv4, and how many bits stand behind it: mapped, compatible, NAT64, 6to4. */
const carriers: [block: string, bitsBehind: number][] = [
  ['::ffff:0:0/96', 0],
  ['::/96', 0],
  ['64:ff9b::/96', 0],
  ['2002::/16', 80],
];
const globalUnicast = '2000::/3';

interface Address {
  bits: 32 | 128;
  value: bigint;
}

/**
 * Of a host as URLs have it, or of a bare address, however it is spelled; undefined for a name that is still to be resolved
 * and for what is no host.
 */
export function scopeOf(host: string): Scope | undefined {
  const name = canonical(host);
  if (name === undefined) return undefined;
  if (isLocalhost(name)) return 'loopback';
  const address = parseAddress(name);
  return address && scopeOfAddress(address);
}

export function isWithin(reach: Reach, scope: Scope): boolean {
  return ranks[scope] <= ranks[reach];
}

/** `0.0.0.0` and `::`, however they are spelled: a server may listen there, and nobody can be told to ask there. */
export function isUnspecified(host: string): boolean {
  const name = canonical(host);
  const address = name === undefined ? undefined : parseAddress(name);
  if (address === undefined) return false;
  return address.value === 0n || (isIn('::ffff:0:0/96', address) && (address.value & 0xffffffffn) === 0n);
}

/** RFC 6761, section 6.3: these names are this machine, whatever a name server says. */
export function isLocalhost(name: string): boolean {
  return /^(.*\.)?localhost\.?$/i.test(name);
}

function scopeOfAddress(address: Address): Scope {
  const known = special.find(([block]) => isIn(block, address));
  if (known !== undefined) return known[1];
  if (address.bits === 32) return 'public';
  const carrier = carriers.find(([block]) => isIn(block, address));
  if (carrier === undefined) return isIn(globalUnicast, address) ? 'public' : 'nowhere';
  return scopeOfAddress({ bits: 32, value: (address.value >> BigInt(carrier[1])) & 0xffffffffn });
}

function isIn(block: string, { bits, value }: Address): boolean {
  const [first = '', length] = block.split('/');
  const start = parseAddress(first.includes(':') ? `[${first}]` : first)!;
  const shift = BigInt(bits - Number(length));
  return start.bits === bits && start.value >> shift === value >> shift;
}

/** As URLs spell it: 0x7f.1 is 127.0.0.1, and addresses of IPv6 are in brackets. */
function canonical(host: string): string | undefined {
  const bare = host.replace(/%.*$/, '').replace(/^\[|\]$/g, '');
  const url = `http://${bare.includes(':') ? `[${bare}]` : bare}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** Of a canonical host; undefined for a name. */
function parseAddress(host: string): Address | undefined {
  if (/^\d+(\.\d+){3}$/.test(host)) return { bits: 32, value: join(host.split('.').map(Number), 8n) };
  if (!host.startsWith('[')) return undefined;
  const [head, tail] = host
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - head!.length - (tail?.length ?? 0)).fill('0');
  const groups = tail === undefined ? head! : [...head!, ...zeros, ...tail];
  return {
    bits: 128,
    value: join(
      groups.map((group) => Number.parseInt(group, 16)),
      16n,
    ),
  };
}

function join(parts: readonly number[], bitsOfPart: bigint): bigint {
  return parts.reduce((value, part) => (value << bitsOfPart) | BigInt(part), 0n);
}
