/**
 * Each column's mean and mean square as coordinates of the model: averaged by the federation in an ordinary round, with ordinary
 * commitments and proofs. Values are in [−1, 1], as `scaling: "federated"` leaves them. Each number is two coordinates, a coarse one
 * and what it leaves, so that the mean of all sites is as exact as the model's own numbers.
 */

import { updateFractionBits } from '../../core/numbers.ts';
import type { ParameterTensor } from '../engine.ts';

/** Rows of the tensors: of all samples the share whose value is known, and the sums of values and squares over the number of samples. */
const rows = 3;

/** Names and shapes of the tensors that stand behind the model's own. */
export function statisticsTensors(columns: number): Pick<ParameterTensor, 'name' | 'shape'>[] {
  const shape = [rows, columns];
  return [
    { name: statisticsName, shape },
    { name: `${statisticsName}.rest`, shape },
  ];
}

export const statisticsName = 'data.statistics';

/** The smallest scale with which no update of statistics is clipped to `maxNorm` or cut to an update's range. */
export function statisticsScale(columns: number, maxNorm: number): number {
  const largestNorm = Math.sqrt(rows * columns * (1 + 0.5 ** 2));
  return 2 ** Math.ceil(Math.log2(Math.max(4, (1.01 * largestNorm) / maxNorm)));
}

/** The statistics of one site: [2 × 3 × columns]. `values(sample, column)` is NaN where it is missing. */
export function computeStatistics(
  values: (sample: number, column: number) => number,
  samples: number,
  columns: number,
  scale: number,
): Float32Array {
  const sums = new Float64Array(rows * columns);
  for (let sample = 0; sample < samples; sample++) {
    for (let column = 0; column < columns; column++) {
      const value = values(sample, column);
      if (Number.isNaN(value)) continue;
      sums[column]! += 1;
      sums[columns + column]! += value;
      sums[2 * columns + column]! += value * value;
    }
  }
  const unit = scale * 2 ** -updateFractionBits;
  const statistics = new Float32Array(2 * rows * columns);
  sums.forEach((sum, place) => {
    const mean = sum / samples;
    const coarse = Math.round(mean / unit) * unit;
    statistics[place] = coarse;
    statistics[rows * columns + place] = (mean - coarse) / unit;
  });
  return statistics;
}

/** What scales a column: (value − mean) ÷ standardDeviation. */
export interface ColumnScaling {
  mean: Float64Array;
  standardDeviation: Float64Array;
}

/** A column's values may differ by so little from one another before they count as all the same. */
const leastDeviation = 2 ** -9;

/** Of a column the known share, and the sums of values and of squares over the number of samples. */
function columnOf(statistics: Float32Array, column: number, columns: number, scale: number): [number, number, number] {
  const unit = scale * 2 ** -updateFractionBits;
  const at = (row: number) => {
    const place = row * columns + column;
    return statistics[place]! + statistics[rows * columns + place]! * unit;
  };
  return [at(0), at(1), at(2)];
}

/** Undefined where no round has computed them yet. A column of one value only keeps its values, moved to 0. */
export function readStatistics(statistics: Float32Array, columns: number, scale: number): ColumnScaling | undefined {
  const mean = new Float64Array(columns);
  const standardDeviation = new Float64Array(columns).fill(1);
  let isComputed = false;
  for (let column = 0; column < columns; column++) {
    const [known, sum, square] = columnOf(statistics, column, columns, scale);
    if (known <= 0) continue;
    isComputed = true;
    mean[column] = sum / known;
    const deviation = Math.sqrt(Math.max(0, square / known - mean[column]! ** 2));
    if (deviation >= leastDeviation) standardDeviation[column] = deviation;
  }
  return isComputed ? { mean, standardDeviation } : undefined;
}

/** What a wrong number may be out by, for sums of float32. */
const tolerance = 1e-3;

/** Whether numbers in [−1, 1] can have such statistics. */
export function areSound(statistics: Float32Array, columns: number, scale: number): boolean {
  return Array.from({ length: columns }, (_, column) => columnOf(statistics, column, columns, scale)).every(
    ([known, sum, square]) =>
      known >= -tolerance &&
      known <= 1 + tolerance &&
      square <= known + tolerance &&
      sum * sum <= known * square + tolerance,
  );
}
