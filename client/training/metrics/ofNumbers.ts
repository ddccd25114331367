import { mean } from './probabilities.ts';

/** How good a model of numbers is, in the unit of the number that is predicted; of several numbers the means over them. */
export interface NumberMetrics {
  kind: 'numbers';
  samples: number;
  /** Root of the mean squared error. */
  rmse: number;
  /** Mean absolute error. */
  mae: number;
  /** Share of the variance that is explained, 1 − Σ error² ÷ Σ (target − mean target)²; NaN where all targets are equal. */
  r2: number;
}

/** Outputs and targets as they are trained, [count × numbers]; a unit of them is `standardDeviation` of the number's own. */
export function measureNumbers(
  outputs: Float32Array,
  targets: ArrayLike<number>,
  numbers: number,
  standardDeviation: number,
): NumberMetrics {
  const samples = outputs.length / numbers;
  const each = Array.from({ length: numbers }, (_, number) => {
    const places = Array.from({ length: samples }, (_, sample) => sample * numbers + number);
    const errors = places.map((place) => (outputs[place]! - targets[place]!) * standardDeviation);
    const average = mean(places.map((place) => targets[place]!));
    const variance = mean(places.map((place) => ((targets[place]! - average) * standardDeviation) ** 2));
    const squared = mean(errors.map((error) => error ** 2));
    return {
      rmse: Math.sqrt(squared),
      mae: mean(errors.map(Math.abs)),
      r2: variance === 0 ? Number.NaN : 1 - squared / variance,
    };
  });
  const meanOf = (metric: 'rmse' | 'mae' | 'r2') => mean(each.map((of) => of[metric]));
  return { kind: 'numbers', samples, rmse: meanOf('rmse'), mae: meanOf('mae'), r2: meanOf('r2') };
}
