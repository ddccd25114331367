/**
 * Which of the addresses that others announce a node asks. It asks those of the kind at which it can be reached itself: who announces a
 * private address asks private ones, who announces a public one asks public ones alone. Who serves on loopback, or nobody, asks addresses
 * of the kind at which its chain answers: so a run on one machine needs no option, and a node of a public chain asks nothing on its own.
 */
import { resolveScopes } from '../storage/lookup.ts';
import { type Reach, scopeOf } from '../storage/reach.ts';
import { announcedAddresses } from './announced.ts';
import { parseListen } from './listen.ts';
import type { NodeOptions } from './options.ts';
import { hostOfAddress } from './publicAddress.ts';

/** Errors: CONFIG_INVALID. */
export async function decideReach(options: NodeOptions, rpcUrl: string): Promise<Reach> {
  if (options.allowPrivatePeers) return 'anywhere';
  const announced = Object.values(announcedAddresses(options)).flatMap((address) => hostOfAddress(address ?? '') ?? []);
  const listen = parseListen(options.listen);
  const own = announced.length > 0 ? announced : listen === undefined ? [] : [listen.host];
  const kinds = await Promise.all(own.map(reachOfHost));
  const reach = kinds.length === 0 ? 'loopback' : mostPublic(kinds);
  return reach === 'loopback' ? await readerReach(rpcUrl) : reach;
}

/** Of who serves nobody. */
export function readerReach(rpcUrl: string, allowPrivatePeers = false): Promise<Reach> {
  return allowPrivatePeers ? Promise.resolve('anywhere') : reachOfHost(new URL(rpcUrl).hostname);
}

/** A name may have several addresses. */
async function reachOfHost(host: string): Promise<Reach> {
  const scopes = scopeOf(host) === undefined ? await resolveScopes(host) : [scopeOf(host)!];
  return mostPublic(scopes.map((scope) => (scope === 'nowhere' ? 'public' : scope)));
}

function mostPublic(kinds: readonly Reach[]): Reach {
  return (['public', 'private', 'loopback'] as const).find((kind) => kinds.includes(kind)) ?? 'public';
}
