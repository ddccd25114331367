/** What every implementation of the kernels does. */

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
