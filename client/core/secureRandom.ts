/** Random numbers of the operating system's generator: for what must stay secret, such as the noise of differential privacy. Nobody can draw them again. */
import { type Random, randomOf } from './random.ts';

/** The most that the generator gives at once: 65,536 bytes. */
const wordsAtOnce = 16_384;

export interface SecureRandom extends Random {
  /** Fills the array with normal numbers of this standard deviation, from 53 uniform bits each (Box and Muller). */
  fillNormal(values: Float32Array, deviation: number): void;
}

export function createSecureRandom(): SecureRandom {
  const words = new Uint32Array(wordsAtOnce);
  let next = wordsAtOnce;

  function uint32(): number {
    if (next === wordsAtOnce) {
      crypto.getRandomValues(words);
      next = 0;
    }
    const word = words[next]!;
    words[next++] = 0; // used once
    return word;
  }
  /** Uniform in (0, 1]. */
  function uniform(): number {
    return (uint32() * 0x200000 + (uint32() >>> 11) + 1) / 0x20000000000000;
  }

  return {
    ...randomOf(uint32),
    fillNormal(values, deviation) {
      for (let i = 0; i < values.length; i += 2) {
        const radius = deviation * Math.sqrt(-2 * Math.log(uniform()));
        const angle = 2 * Math.PI * uniform();
        values[i] = radius * Math.cos(angle);
        if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
      }
    },
  };
}
