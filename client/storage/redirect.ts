/** Redirects of peers: followed where they stay with whom was asked, and no others, since a peer has no business sending us elsewhere. */
import { scopeOf } from './reach.ts';

/** As `fetch` has them (https://fetch.spec.whatwg.org/#redirect-status). */
const statuses: readonly number[] = [301, 302, 303, 307, 308];
/** How many are followed for one request. */
export const mostRedirects = 3;

export function isRedirect(status: number): boolean {
  return statuses.includes(status);
}

/**
 * Where a redirect leads: to the same host, to a subdomain of it (Kubo's `{cid}.ipfs.localhost`), or from one loopback address to
 * another, by the same protocol and port. Throws where it leads elsewhere, or nowhere.
 */
export function redirectTarget(asked: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, asked))
    throw new Error('it redirects, and does not say where to');
  const target = new URL(location, asked);
  const bothLoopback = scopeOf(asked.hostname) === 'loopback' && scopeOf(target.hostname) === 'loopback';
  const sameHost = target.hostname === asked.hostname || target.hostname.endsWith(`.${asked.hostname}`);
  const stays = target.protocol === asked.protocol && target.port === asked.port && (sameHost || bothLoopback);
  if (!stays)
    throw new Error(`it redirects to ${target.origin}, which is not followed: that address is to be announced`);
  return target;
}
