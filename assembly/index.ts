/**
 * The hot loops of client/core, in AssemblyScript (WebAssembly with SIMD). client/core/kernels/plain.ts is their twin and
 * says what each one means; tests hold the two together bit for bit. scripts/build-kernels.ts compiles this folder.
 * Nothing here allocates: callers place every buffer above `heapBase`.
 */
export { foldCuts, foldMean } from './fold';
export { keccakBatch } from './keccak';
export { stepModel } from './step';

export function heapBase(): usize {
  return __heap_base;
}
