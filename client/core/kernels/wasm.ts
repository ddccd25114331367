/** The WebAssembly kernels: data is copied into the module's memory, in slabs that stay in the processor's cache. */
import { chunkCoordinates, groupSize, updateChunkBytes } from '../numbers.ts';
import type { Fold, Kernels } from './interface.ts';
import { cutStateBytes, meanStateBytes } from './layout.ts';

interface Exports {
  stepModel(model: number, count: number, sums: number, divisor: number): void;
  memory: WebAssembly.Memory;
  heapBase(): number;
  keccakBatch(prefix: number, messages: number, messageBytes: number, count: number, hashes: number): void;
  foldMean(rows: number, n: number, chunks: number, weights: number, sums: number, states: number): void;
  foldCuts(rows: number, n: number, chunks: number, trim: number, sorted: number, sums: number, states: number): void;
}

const slabBytes = 2 ** 17;
const pageBytes = 2 ** 16;

/** `binary` is a module of assembly/. */
export function createWasmKernels(binary: Uint8Array<ArrayBuffer>): Kernels {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary));
  const exports = instance.exports as unknown as Exports;

  /** Addresses of buffers of so many bytes each, one behind the other. They hold until the next call. */
  function place(...sizes: number[]): number[] {
    let end = align(exports.heapBase());
    const addresses = sizes.map((size) => {
      const address = end;
      end = align(end + size);
      return address;
    });
    const missing = end - exports.memory.buffer.byteLength;
    if (missing > 0) exports.memory.grow(Math.ceil(missing / pageBytes));
    return addresses;
  }

  function keccakBatch(messages: Uint8Array, messageBytes: number, prefix = -1): Uint8Array {
    const count = messages.length / messageBytes;
    const hashes = new Uint8Array(count * 32);
    const slab = Math.min(count, Math.max(2, Math.floor(slabBytes / messageBytes)));
    const [input, output] = place(slab * messageBytes, slab * 32) as [number, number];
    const memory = new Uint8Array(exports.memory.buffer);
    for (let start = 0; start < count; start += slab) {
      const end = Math.min(start + slab, count);
      memory.set(messages.subarray(start * messageBytes, end * messageBytes), input);
      exports.keccakBatch(prefix, input, messageBytes, end - start, output);
      hashes.set(memory.subarray(output, output + (end - start) * 32), start * 32);
    }
    return hashes;
  }

  function writeRows(rows: readonly Int16Array[], address: number, chunks: number): void {
    const length = chunks * chunkCoordinates;
    const memory = new Int16Array(exports.memory.buffer, address, rows.length * length);
    rows.forEach((row, index) => {
      memory.set(row, index * length);
      if (row.length < length) memory.fill(0, index * length + row.length, (index + 1) * length);
    });
  }

  function readFold(sums: number, chunks: number, states: number, stateBytes: number): Fold {
    return {
      biasedSums: new Float64Array(exports.memory.buffer, sums, chunks * chunkCoordinates).slice(),
      states: new Uint8Array(exports.memory.buffer, states, stateBytes).slice(),
    };
  }

  return {
    keccakBatch,
    foldMean(rows, weights, chunks, withStates) {
      const n = rows.length;
      const stateBytes = withStates ? Math.ceil(n / groupSize) * chunks * meanStateBytes : 0;
      const sizes = [n * chunks * updateChunkBytes, 2 * n, chunks * chunkCoordinates * 8, stateBytes];
      const [input, factors, sums, states] = place(...sizes) as [number, number, number, number];
      writeRows(rows, input, chunks);
      new Uint16Array(exports.memory.buffer, factors, n).set(weights);
      exports.foldMean(input, n, chunks, factors, sums, withStates ? states : 0);
      return readFold(sums, chunks, states, stateBytes);
    },
    foldCuts(rows, trim, chunks, withStates) {
      const n = rows.length;
      const stateBytes = withStates ? Math.ceil(n / groupSize) * chunks * cutStateBytes : 0;
      const sizes = [n * chunks * updateChunkBytes, n * updateChunkBytes, chunks * chunkCoordinates * 8, stateBytes];
      const [input, sorted, sums, states] = place(...sizes) as [number, number, number, number];
      writeRows(rows, input, chunks);
      exports.foldCuts(input, n, chunks, trim, sorted, sums, withStates ? states : 0);
      return readFold(sums, chunks, states, stateBytes);
    },
    stepModelInPlace(model, biasedSums, divisor) {
      const [parameters, sums] = place(4 * model.length + 4, 8 * model.length + 8) as [number, number];
      const memory = new Int32Array(exports.memory.buffer, parameters, model.length);
      memory.set(model);
      new Float64Array(exports.memory.buffer, sums, model.length).set(biasedSums.subarray(0, model.length));
      exports.stepModel(parameters, model.length, sums, divisor);
      model.set(memory);
    },
  };
}

function align(address: number): number {
  return Math.ceil(address / 16) * 16;
}
