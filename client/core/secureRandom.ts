/** Random numbers of the operating system's generator: for what must stay secret, such as the noise of differential privacy. Nobody can draw them again. */
import { type Random, randomOf } from './random.ts';

export interface SecureRandom extends Random {
  /** Fills the array with normal numbers of this standard deviation. */
  fillNormal(values: Float32Array, deviation: number): void;
}

/** The most that the generator gives at once: 65,536 bytes. */
const wordsAtOnce = 16_384;

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
  /** Uniform in (0, 1], 53 bits. */
  function uniform(): number {
    return (uint32() * 0x200000 + (uint32() >>> 11) + 1) / 0x20000000000000;
  }

  /** Marsaglia and Tsang, "The ziggurat method", J. Stat. Softw. 5 (2000); layer and sign from bits of their own (Doornik, 2005). */
  function normal(choice: number): number {
    const sign = choice & layers ? -1 : 1;
    for (let layer = choice % layers; ; layer = uint32() % layers) {
      const word = uint32();
      const x = word * unit[layer]!;
      if (word < inner[layer]!) return sign * x;
      if (layer === 0) return sign * tail();
      if (height[layer]! + uniform() * (height[layer - 1]! - height[layer]!) < Math.exp(-0.5 * x * x)) return sign * x;
    }
  }
  /** Beyond the last layer (Marsaglia, 1964). */
  function tail(): number {
    for (;;) {
      const x = -Math.log(uniform()) / lastEdge;
      if (-2 * Math.log(uniform()) > x * x) return lastEdge + x;
    }
  }

  return {
    ...randomOf(uint32),
    fillNormal(values, deviation) {
      let choices = 0;
      for (let i = 0; i < values.length; i++) {
        choices = i % 4 === 0 ? uint32() : choices >>> 8;
        values[i] = deviation * normal(choices & 0xff);
      }
    },
  };
}

/** Of the ziggurat: layers of equal area under exp(−x²/2), and where the last begins. */
const layers = 128;
const lastEdge = 3.442619855899;
const area = 9.91256303526217e-3;
/** By layer: what a word is multiplied by, below which word x is surely under the curve, and the curve's height at its edge. */
const unit = new Float64Array(layers);
const inner = new Float64Array(layers);
const height = new Float64Array(layers);

function buildLayers(): void {
  const words = 2 ** 32;
  const curve = (x: number) => Math.exp(-0.5 * x * x);
  let edge = lastEdge;
  unit[0] = area / curve(lastEdge) / words;
  inner[0] = (lastEdge * curve(lastEdge) * words) / area;
  unit[layers - 1] = lastEdge / words;
  height[0] = 1;
  height[layers - 1] = curve(lastEdge);
  for (let layer = layers - 2; layer >= 1; layer--) {
    const above = Math.sqrt(-2 * Math.log(area / edge + curve(edge)));
    inner[layer + 1] = (above / edge) * words;
    height[layer] = curve(above);
    unit[layer] = above / words;
    edge = above;
  }
  inner[1] = 0;
}
buildLayers();
