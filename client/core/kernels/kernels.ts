/**
 * The hot loops of core: hashing many messages, folding columns, stepping a model. WebAssembly where the machine has it with SIMD,
 * else the plain TypeScript, which gives the same bits and says what each loop means.
 */
import { decodeEmbedded } from '../embedded.ts';
import type { Kernels } from './interface.ts';
import { kernelsBinary } from './module.ts';
import { plainKernels } from './plain.ts';
import { createWasmKernels } from './wasm.ts';

function chooseKernels(): Kernels {
  const binary = decodeEmbedded('The binary of the kernels', kernelsBinary);
  return WebAssembly.validate(binary) ? createWasmKernels(binary) : plainKernels;
}

export const kernels: Kernels = chooseKernels();
