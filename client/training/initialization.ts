/**
 * Glorot and Bengio, http://proceedings.mlr.press/v9/glorot10a.html, eq. 16: kernels uniform in ±√(6 / (fanIn + fanOut)),
 * biases zero. Every engine starts from these bits.
 */
import { createRandom } from '../core/random.ts';
import type { ParameterLayout } from './engine.ts';

/** Fans of a kernel: dense [in, out], convolution [out, in, ...kernel]. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [first = 1, second = 1, ...kernel] = shape;
  if (shape.length === 2) return { fanIn: first, fanOut: second };
  const area = kernel.reduce((product, extent) => product * extent, 1);
  return { fanIn: second * area, fanOut: first * area };
}

/**
 * The flat vector [dimension]: Glorot uniform for tensors of rank 2 and more, zeros for the others. Each tensor draws
 * from a stream of its own, named by the seed and the tensor's place in the layout.
 */
export function initializeParameters(layout: ParameterLayout, seed: string): Float32Array {
  const parameters = new Float32Array(layout.dimension);
  layout.tensors.forEach(({ shape, offset, size }, place) => {
    if (shape.length < 2) return;
    const { fanIn, fanOut } = fans(shape);
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const random = createRandom(seed, 'initialization', place);
    for (let i = 0; i < size; i++) parameters[offset + i] = (2 * random.float() - 1) * limit;
  });
  return parameters;
}
