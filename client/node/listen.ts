import { TributaryError } from '../core/errors.ts';

/** `host:port`, an address of IPv6 in brackets; undefined for `off`. Errors: CONFIG_INVALID. */
export function parseListen(text: string): { host: string; port: number } | undefined {
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

/** The multiaddr of it. */
export function multiaddrOf({ host, port }: { host: string; port: number }): string {
  const kind = host.includes(':') ? 'ip6' : /^[\d.]+$/.test(host) ? 'ip4' : 'dns';
  return `/${kind}/${host}/tcp/${port}`;
}
