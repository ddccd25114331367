/**
 * Seeded random numbers: xoshiro128** 1.1 (Blackman and Vigna, https://prng.di.unimi.it). The 128-bit state is the
 * first half of keccak256 of the seed's label, so that every purpose, trainer and round has a stream of its own.
 * For reproducibility only, never for secrets.
 */
import { keccak256 } from './hash.ts';

/** A stream of random numbers. Where a label decides it, the same label gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 2^32). */
  uint32(): number;
  /** Uniform in [0, 1), 24 bits. */
  float(): number;
  /** Uniform in [0, bound), without bias; bound in [1, 2^32]. */
  below(bound: number): number;
  /** Standard normal (Box and Muller). */
  normal(): number;
}

/** The stream named by the parts, for example `createRandom(seed, 'rounding', trainer, round)`. */
export function createRandom(...label: (string | number | bigint)[]): Random {
  const state = keccak256(new TextEncoder().encode(JSON.stringify(label.map(String))));
  const view = new DataView(state.buffer, state.byteOffset);
  let a = view.getUint32(0);
  let b = view.getUint32(4);
  let c = view.getUint32(8);
  let d = view.getUint32(12) | 1; // never the all-zero state

  function uint32(): number {
    const x = Math.imul(b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  }
  return randomOf(uint32);
}

/** The numbers that follow from a source of uniform ones in [0, 2^32). */
export function randomOf(uint32: () => number): Random {
  function float(): number {
    return (uint32() >>> 8) / 0x1000000;
  }
  function below(bound: number): number {
    const limit = 0x100000000 - (0x100000000 % bound);
    for (;;) {
      const value = uint32();
      if (value < limit) return value % bound;
    }
  }
  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float());
  }
  return { uint32, float, below, normal };
}

/** Fisher and Yates, in place. */
export function shuffleInPlace(items: { length: number; [index: number]: number }, random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const item = items[i]!;
    items[i] = items[j]!;
    items[j] = item;
  }
}
