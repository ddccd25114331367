/**
 * The client's side of the IPFS trustless gateway protocol (https://specs.ipfs.tech/http-gateways/trustless-gateway/): blocks one by
 * one, `GET /ipfs/{cid}?format=raw`, and where a peer offers it all blocks of a blob in one answer, `?format=car`. How peers have done
 * lately is remembered: it decides the order in which they are asked, and how long one may take before the next is asked too.
 */
import type { CID } from 'multiformats/cid';
import { request } from '#http';
import { carType, longestCar, readCar } from './car.ts';
import { type HttpAnswer, NoConnection } from './http.ts';
import { blockUrl, maxRefusalBytes, rawBlockType } from './peer.ts';
import type { Reach } from './reach.ts';
import { type BlockOptions, type BlockSource, mismatch } from './source.ts';

export interface Gateways {
  /** Sources for those of the addresses that are base URLs of gateways, those that have failed lately last; others are passed over. */
  sources(addresses: readonly string[]): BlockSource[];
}

/** How long a peer is not asked again that nobody has answered for, first and at most. */
const shortestSilenceMs = 10_000;
const longestSilenceMs = 60_000;
/** How long a failure counts. */
const latelyMs = 60_000;
/** Announcing an address is cheap: what is known of more than this is forgotten. */
const mostKnown = 1024;
const shortestPatienceMs = 1000;
const longestPatienceMs = 5000;
const weightOfNewest = 0.25;

/** What a gateway says of a block that it does not have. */
const absentStatuses: readonly number[] = [404, 410];

/** `reach`: which addresses may be asked; anywhere where nothing is said. */
export function createGateways(reach?: Reach): Gateways {
  const known = new Map<string, BlockSource & { failedAt: number }>();
  /** What a block usually takes, in milliseconds. */
  let usualMs = shortestPatienceMs / 2;

  function gatewayAt(base: string) {
    const there = known.get(base);
    if (there !== undefined) return there;
    if (known.size >= mostKnown) known.clear();
    const gateway = {
      ...gatewaySource(base, reach),
      failedAt: Number.NEGATIVE_INFINITY,
      patienceMs: () => Math.min(Math.max(2 * usualMs, shortestPatienceMs), longestPatienceMs),
      judge(good: boolean, tookMs: number) {
        if (good) usualMs += weightOfNewest * (tookMs - usualMs);
        gateway.failedAt = good ? Number.NEGATIVE_INFINITY : performance.now();
      },
    };
    known.set(base, gateway);
    return gateway;
  }

  return {
    sources(addresses) {
      const bases = addresses.filter((address) => /^https?:\/\//.test(address) && URL.canParse(address));
      const gateways = [...new Set(bases.flatMap(spellings))].map(gatewayAt);
      const hasFailed = ({ failedAt }: { failedAt: number }) => Number(performance.now() - failedAt < latelyMs);
      return gateways.sort((a, b) => hasFailed(a) - hasFailed(b));
    },
  };
}

/** Kubo answers the name `localhost` otherwise than its address, by redirects that not every machine can resolve: both are asked. */
function spellings(address: string): string[] {
  const base = address.replace(/\/+$/, '');
  const byAddress = base.replace(/^(https?:\/\/)localhost(?=[:/]|$)/i, '$1127.0.0.1');
  return [base, byAddress];
}

function gatewaySource(base: string, reach: Reach | undefined): BlockSource {
  const ask = createAsk(reach);
  /** When it last gave no blob in one answer. */
  let noTreeAt = Number.NEGATIVE_INFINITY;

  async function getBlock(cid: CID, { maxBytes, signal, into }: BlockOptions) {
    const answer = await ask(`${blockUrl(base, cid)}?format=raw`, rawBlockType, signal);
    if (answer.status !== 200) {
      await readOn(answer);
      if (absentStatuses.includes(answer.status)) return undefined;
      throw new Error(`status ${answer.status}`);
    }
    const bytes = await answer.read(maxBytes, into);
    if (bytes === undefined) throw mismatch(`${base} sent more than the ${maxBytes} bytes of block ${cid}`, true);
    return bytes;
  }

  async function getTree(cid: CID, { maxBytes, signal }: BlockOptions) {
    if (performance.now() - noTreeAt < latelyMs) return undefined;
    const type = `${carType}; version=1; order=dfs; dups=n`;
    const asking = ask(`${blockUrl(base, cid)}?format=car&dag-scope=all`, type, signal);
    const answer = await asking.catch(() => undefined);
    if (answer?.status === 200 && answer.type === carType) return readCar(answer.chunks(longestCar(maxBytes)));
    noTreeAt = performance.now();
    if (answer !== undefined) await readOn(answer);
    return undefined;
  }

  return { name: base, getBlock, getTree };
}

/** Who announces an address where nobody is makes nobody wait for it each time. */
function createAsk(reach: Reach | undefined) {
  let silentUntil = Number.NEGATIVE_INFINITY;
  let silenceMs = shortestSilenceMs;
  return async (url: string, accept: string, signal: AbortSignal): Promise<HttpAnswer> => {
    if (performance.now() < silentUntil) throw new Error('nobody was there when it was last connected to');
    try {
      const answer = await request(url, { signal, reach, headers: { accept } });
      silenceMs = shortestSilenceMs;
      return answer;
    } catch (error) {
      if (error instanceof NoConnection) {
        silentUntil = performance.now() + silenceMs;
        silenceMs = Math.min(2 * silenceMs, longestSilenceMs);
      }
      throw error;
    }
  };
}

/** What is short is read on, so that the connection can be used again. */
async function readOn({ read }: HttpAnswer): Promise<void> {
  await read(maxRefusalBytes).catch(() => undefined);
}
