/** The kernels in plain TypeScript: what assembly/ is held to, and what runs where there is no WebAssembly. */
import { keccak256 } from '../hash.ts';
import { chunkCoordinates, groupSize, roundedStep, saturateInt32, updateBias } from '../numbers.ts';
import { type Cuts, clamp, findCuts } from '../rules/trimmedMean.ts';
import { addWeightedInPlace } from '../rules/weightedMean.ts';
import type { Kernels } from './interface.ts';
import { cutStateBytes, meanStateBytes } from './layout.ts';

export const plainKernels: Kernels = {
  keccakBatch(messages, messageBytes, prefix) {
    const skipped = prefix === undefined ? 0 : 1;
    const message = new Uint8Array(skipped + messageBytes);
    if (prefix !== undefined) message[0] = prefix;
    const count = messages.length / messageBytes;
    const hashes = new Uint8Array(count * 32);
    for (let i = 0; i < count; i++) {
      message.set(messages.subarray(i * messageBytes, (i + 1) * messageBytes), skipped);
      hashes.set(keccak256(message), i * 32);
    }
    return hashes;
  },

  foldMean(rows, weights, chunks, withStates) {
    const length = chunks * chunkCoordinates;
    const biasedSums = new Float64Array(length);
    const states = new DataView(new ArrayBuffer(withStates ? groupCount(rows) * chunks * meanStateBytes : 0));
    rows.forEach((row, index) => {
      addWeightedInPlace(biasedSums, row, weights[index]!);
      if (!withStates || !endsGroup(rows, index)) return;
      const group = Math.floor(index / groupSize);
      biasedSums.forEach((sum, i) => {
        states.setBigUint64(group * chunks * meanStateBytes + 8 * i, BigInt(sum));
      });
    });
    return { states: new Uint8Array(states.buffer), biasedSums };
  },

  foldCuts(rows, trim, chunks, withStates) {
    const cuts = findCuts(rows, trim, chunks * chunkCoordinates);
    const { states, sums } = foldWithCuts(rows, cuts, chunks, withStates);
    const biasedSums = sums.map((sum, i) => sum - trim * (cuts.low[i]! + cuts.high[i]! + 2 * updateBias));
    return { states, biasedSums };
  },

  stepModelInPlace(model, biasedSums, divisor) {
    for (let i = 0; i < model.length; i++) {
      model[i] = saturateInt32(model[i]! + roundedStep(biasedSums[i]!, divisor));
    }
  },
};

/** The states, and the sums of clamped values, that follow from cut values, whether or not these have the right rank. */
export function foldWithCuts(
  rows: readonly Int16Array[],
  { low, high }: Cuts,
  chunks: number,
  withStates: boolean,
): { states: Uint8Array; sums: Float64Array } {
  const length = chunks * chunkCoordinates;
  const sums = new Float64Array(length);
  const counts = new Uint16Array(4 * length);
  const states = new DataView(new ArrayBuffer(withStates ? groupCount(rows) * chunks * cutStateBytes : 0));
  rows.forEach((row, index) => {
    for (let i = 0; i < length; i++) {
      const value = row[i] ?? 0;
      sums[i]! += clamp(value, low[i]!, high[i]!) + updateBias;
      if (value < low[i]!) counts[4 * i]!++;
      if (value <= low[i]!) counts[4 * i + 1]!++;
      if (value > high[i]!) counts[4 * i + 2]!++;
      if (value >= high[i]!) counts[4 * i + 3]!++;
    }
    if (!withStates || !endsGroup(rows, index)) return;
    const group = Math.floor(index / groupSize);
    for (let i = 0; i < length; i++) {
      const state = (group * chunks + Math.floor(i / chunkCoordinates)) * cutStateBytes;
      const place = i % chunkCoordinates;
      states.setInt16(state + 2 * place, low[i]!);
      states.setInt16(state + 128 + 2 * place, high[i]!);
      states.setUint32(state + 256 + 4 * place, sums[i]!);
      for (let j = 0; j < 4; j++) states.setUint16(state + 512 + 8 * place + 2 * j, counts[4 * i + j]!);
    }
  });
  return { states: new Uint8Array(states.buffer), sums };
}

function groupCount(rows: readonly Int16Array[]): number {
  return Math.ceil(rows.length / groupSize);
}

function endsGroup(rows: readonly Int16Array[], index: number): boolean {
  return index % groupSize === groupSize - 1 || index === rows.length - 1;
}
