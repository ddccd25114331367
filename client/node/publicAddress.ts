import { hostOfMultiaddr } from '../storage/multiaddr.ts';
import { isUnspecified } from '../storage/reach.ts';

/** `--public-url`: a base URL, or a multiaddr, by which others reach a node. */
export function isPublicAddress(text: string): boolean {
  const host = hostOfAddress(text);
  if (host === undefined || isUnspecified(host) || /\s/.test(text)) return false;
  if (text.startsWith('/')) return true;
  const { search, hash, username } = new URL(text);
  return search === '' && hash === '' && username === '';
}

/** Of a base URL or a multiaddr. */
export function hostOfAddress(text: string): string | undefined {
  if (text.startsWith('/')) return hostOfMultiaddr(text);
  return /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text).hostname : undefined;
}
