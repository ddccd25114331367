/** The transactions of an account that are under way, by what they are for, and those that were mined lately, by nonce. */
import { Transaction, type Wallet } from 'ethers';
import type { Completed } from './completeRequest.ts';

/** Signed, and perhaps on its way. */
export interface Signed {
  request: Completed;
  raw: string;
  /** Milliseconds since 1970. */
  signedAt: number;
  /** With those of lower fees. */
  hashes: readonly string[];
  /** False only while every node has refused it. */
  mayBeOut: boolean;
  /** It was refused as it is: the next attempt signs it anew, with the same nonce, for nobody knows what a node means that refuses it. */
  stale?: boolean;
}

/** `hashes`: of the same with lower fees, each of which may be mined. */
export async function signAnew(wallet: Wallet, request: Completed, hashes: readonly string[] = []): Promise<Signed> {
  const raw = await wallet.signTransaction(request);
  const hash = Transaction.from(raw).hash!;
  return { request, raw, signedAt: Date.now(), hashes: [...hashes, hash], mayBeOut: hashes.length > 0 };
}

/** How many mined ones are remembered: a reorganisation may take them back, and no node need keep them. */
const mostRemembered = 64;

export function createOutgoing() {
  /** By what was asked for: the same again is this one. */
  const unfinished = new Map<string, Signed>();
  const mined = new Map<number, string>();

  function lowest(from: number): Signed | undefined {
    const out = [...unfinished.values()].filter(({ request, mayBeOut }) => mayBeOut && request.nonce >= from);
    return out.sort((a, b) => a.request.nonce - b.request.nonce)[0];
  }

  return {
    get: (purpose: string) => unfinished.get(purpose),
    add(purpose: string, signed: Signed): void {
      unfinished.set(purpose, signed);
    },
    drop(purpose: string): void {
      unfinished.delete(purpose);
    },
    finish(purpose: string, { request, raw }: Signed): void {
      unfinished.delete(purpose);
      mined.set(request.nonce, raw);
      for (const nonce of [...mined.keys()].slice(0, -mostRemembered)) mined.delete(nonce);
    },
    /** The one with the lowest nonce from this one on that may be out: who takes its nonce goes first. */
    lowest,
    /** The first nonce that none of these needs. */
    next(counted: number): number {
      const out = [...unfinished.values()].filter(({ mayBeOut }) => mayBeOut);
      return Math.max(counted, ...out.map(({ request }) => request.nonce + 1));
    },
    /** Of a nonce, as it was signed; undefined where it was signed elsewhere, or long ago. */
    rawOf(nonce: number): string | undefined {
      return mined.get(nonce) ?? [...unfinished.values()].find(({ request }) => request.nonce === nonce)?.raw;
    },
  };
}
