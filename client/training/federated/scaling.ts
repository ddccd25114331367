/**
 * Scaling that the federation computes (a task's description: `scaling: "federated"`): the first round trains nothing and averages
 * statistics, and from then on every site scales by the same mean and standard deviation, which stand in the model itself.
 */
import type { CompiledModel, Dataset } from '../engine.ts';
import { createLayout, elementCount } from '../layout.ts';
import { areSound, type ColumnScaling, computeStatistics, readStatistics, statisticsTensors } from './statistics.ts';

export interface FederatedColumns {
  /** Their places among a sample's features. */
  places: readonly number[];
  /** The unit of the statistics' fixed-point numbers. */
  scale: number;
}

/** The model with the statistics of the columns behind its own parameters. Its data may hold NaN in these columns: missing values, which become the mean. */
export function withFederatedScaling(model: CompiledModel, { places, scale }: FederatedColumns): CompiledModel {
  const { dimension } = model.layout;
  const columns = places.length;
  const layout = createLayout([...model.layout.tensors, ...statisticsTensors(columns)]);
  const scaled = new WeakMap<Dataset, { statistics: Float32Array; data: Dataset }>();

  const ownOf = (parameters: Float32Array) => parameters.slice(0, dimension);
  const statisticsOf = (parameters: Float32Array) => parameters.subarray(dimension);
  const scalingOf = (parameters: Float32Array) => readStatistics(statisticsOf(parameters), columns, scale);

  /** Of one data set only the newest is kept. */
  function prepare(data: Dataset, parameters: Float32Array): Dataset {
    const statistics = statisticsOf(parameters);
    const known = scaled.get(data);
    if (known !== undefined && equal(known.statistics, statistics)) return known.data;
    const made = { statistics: statistics.slice(), data: scaleColumns(data, places, scalingOf(parameters)) };
    scaled.set(data, made);
    return made.data;
  }

  function computed(parameters: Float32Array, data: Dataset): Float32Array {
    const size = elementCount(data.inputShape);
    const value = (sample: number, column: number) => data.features[sample * size + places[column]!]!;
    const statistics = computeStatistics(value, data.count, columns, scale);
    const next = parameters.slice();
    next.set(statistics, dimension);
    return next;
  }

  return {
    ...model,
    layout,
    initialParameters(seed) {
      const parameters = new Float32Array(layout.dimension);
      parameters.set(model.initialParameters(seed));
      return parameters;
    },
    async trainLocally(parameters, data, options) {
      const startedAt = performance.now();
      const ready = prepare(data, parameters);
      if (scalingOf(parameters) === undefined) {
        const { loss } = await model.evaluate(ownOf(parameters), ready);
        const seconds = (performance.now() - startedAt) / 1000;
        return { parameters: computed(parameters, data), loss, samples: data.count, seconds };
      }
      const trained = await model.trainLocally(ownOf(parameters), ready, options);
      const next = parameters.slice();
      next.set(trained.parameters);
      return { ...trained, parameters: next };
    },
    evaluate: (parameters, data) => model.evaluate(ownOf(parameters), prepare(data, parameters)),
    predict: (parameters, data) => model.predict(ownOf(parameters), prepare(data, parameters)),
    exportOnnx: (parameters) => model.exportOnnx(ownOf(parameters)),
    statistics: {
      areDue: (parameters) => scalingOf(parameters) === undefined,
      read: scalingOf,
      areSound: (before, after) => equal(ownOf(before), ownOf(after)) && areSound(statisticsOf(after), columns, scale),
    },
  };
}

/** A copy in which these columns are scaled and none of their values is missing. */
function scaleColumns(data: Dataset, places: readonly number[], scaling: ColumnScaling | undefined): Dataset {
  const size = elementCount(data.inputShape);
  const features = data.features.slice();
  for (const [column, place] of places.entries()) {
    const mean = scaling?.mean[column] ?? 0;
    const deviation = scaling?.standardDeviation[column] ?? 1;
    for (let at = place; at < features.length; at += size) {
      const value = features[at]!;
      features[at] = Number.isNaN(value) ? 0 : (value - mean) / deviation;
    }
  }
  return { ...data, features };
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, index) => value === b[index]);
}
