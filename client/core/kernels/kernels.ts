/**
 * The hot loops of core: hashing many messages, folding columns, stepping a model. WebAssembly where the machine has it with SIMD,
 * else the plain TypeScript, which gives the same bits and says what each loop means.
 */
import { decodeEmbedded } from '../embedded.ts';
import { kernelsBinary } from './module.ts';
import { plainKernels } from './plain.ts';
import { createWasmKernels } from './wasm.ts';

export interface Kernels {
  /**
   * keccak256 of consecutive messages of `messageBytes` each, every one with the byte `prefix` before it if given:
   * [count × messageBytes] to [count × 32].
   */
  keccakBatch(messages: Uint8Array, messageBytes: number, prefix?: number): Uint8Array;
  /** The fold of the weighted mean, over `chunks` chunks. `rows` are n vectors of at most chunks × 64 values. */
  foldMean(rows: readonly Int16Array[], weights: Uint16Array, chunks: number, withStates: boolean): Fold;
  /** The fold of the trimmed mean and the median, with `trim` values cut off at each end; 2·trim < n. */
  foldCuts(rows: readonly Int16Array[], trim: number, chunks: number, withStates: boolean): Fold;
  /** Adds `roundedStep` of each biased sum to the coordinate of `model` at its place, saturated. */
  stepModelInPlace(model: Int32Array, biasedSums: Float64Array, divisor: number): void;
}

/** See core/columns.ts for the layouts. */
export interface Fold {
  /** State after each group, [groups × chunks × bytes of a state]; empty where not asked for. */
  states: Uint8Array;
  /** [chunks × 64]. */
  biasedSums: Float64Array;
}

function chooseKernels(): Kernels {
  const binary = decodeEmbedded('The binary of the kernels', kernelsBinary);
  return WebAssembly.validate(binary) ? createWasmKernels(binary) : plainKernels;
}

export const kernels: Kernels = chooseKernels();
