/**
 * The fixed-point numbers of the protocol and their one rounding rule. Everything here is an exact integer: the same
 * inputs give the same bytes on every machine, in every order, in TypeScript and in Solidity.
 */

/** Coordinates in a chunk: the unit of commitment and of proof. */
export const chunkCoordinates = 64;
/** Bytes of an update chunk: 64 big-endian two's complement int16. */
export const updateChunkBytes = 2 * chunkCoordinates;
/** Bytes of a model chunk: 64 big-endian two's complement int32. */
export const modelChunkBytes = 4 * chunkCoordinates;

/** Fraction bits of an update coordinate: range ±0.5, resolution 1.5e-5. */
export const updateFractionBits = 16;
/** Fraction bits of a model coordinate: range ±128, resolution 6e-8. */
export const modelFractionBits = 24;
/** One update unit is this many model units. */
export const unitsPerUpdateUnit = 2 ** (modelFractionBits - updateFractionBits);

/** Added to an int16 to make it non-negative, so that every sum and quotient below is of non-negative integers. */
export const updateBias = 2 ** 15;

/** Updates in a group: one step of a column's running state. */
export const groupSize = 16;
/** The largest weight of an update: it has 16 bits. */
export const maxWeight = 65_535;
/** Most updates of a round: the cut rules count them in uint16, and their sums stay below 2^32. */
export const maxInputs = 65_535;
/** Largest squared norm a task may allow, in squared update units, so that sums are exact in a float64. */
export const maxSquaredNormLimit = 2 ** 53 - 1;

export function chunkCount(dimension: number): number {
  return Math.ceil(dimension / chunkCoordinates);
}

/** Bytes of a whole update as it is pinned. */
export function updateBytes(dimension: number): number {
  return chunkCount(dimension) * updateChunkBytes;
}

/** Bytes of a whole model as it is pinned. */
export function modelBytes(dimension: number): number {
  return chunkCount(dimension) * modelChunkBytes;
}

/** Depth of the smallest binary tree with so many leaves. */
export function treeDepth(leaves: number): number {
  return leaves <= 1 ? 0 : 32 - Math.clz32(leaves - 1);
}

/**
 * The step of one model coordinate, in model units: biasedSum/divisor − updateBias, times unitsPerUpdateUnit, rounded
 * to the nearest integer, halves up (towards +∞). `biasedSum` is a sum of values that each carry updateBias, with
 * `divisor` > 0 such values (or their weights) in it.
 */
export function roundedStep(biasedSum: number, divisor: number): number {
  const quotient = Math.floor(biasedSum / divisor);
  const remainder = biasedSum - quotient * divisor;
  const fraction = Math.floor((2 * unitsPerUpdateUnit * remainder + divisor) / (2 * divisor));
  return (quotient - updateBias) * unitsPerUpdateUnit + fraction;
}

/** The int32 nearest to `value`. */
export function saturateInt32(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
}

/** The int16 nearest to `value`. */
export function saturateInt16(value: number): number {
  return Math.max(-updateBias, Math.min(updateBias - 1, value));
}
