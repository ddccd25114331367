/** Pictures and vectors in their files' own numbers, and the features that the task's description makes of them. */
import type { ImagesDescription, VectorsDescription } from '../../core/data/description.ts';
import { shapeInFiles, swapLast } from '../data/sampleOrder.ts';
import { elementCount } from '../layout.ts';
import { type GraphBuilder, valueInfo } from '../onnx/graph.ts';
import { cast, type Features, isNaNValue, isOutside, standardised } from './rawGraph.ts';

/** One input "image": float32 [batch, channels, height, width]. */
export function addImageFeatures(graph: GraphBuilder, data: ImagesDescription): Features {
  const { channels, height, width, valueRange, normalisation } = data;
  return addFeatures(graph, 'image', {
    shape: [channels, height, width],
    range: valueRange,
    scaled: true,
    normalisation,
  });
}

/** One input "vector": float32 [batch, …shape], as the files have it: where they are transposed its last two axes are exchanged. */
export function addVectorFeatures(graph: GraphBuilder, data: VectorsDescription): Features {
  const { shape, range, scaling, normalisation, transposed } = data;
  return addFeatures(graph, 'vector', { shape, range, scaled: scaling === 'range', normalisation, transposed });
}

interface Sample {
  shape: number[];
  range: readonly [number, number];
  /** Whether the range becomes [0, 1]. */
  scaled: boolean;
  /** By the first axis. */
  normalisation?: { mean: readonly number[]; standardDeviation: readonly number[] } | undefined;
  transposed?: boolean;
}

function addFeatures(
  graph: GraphBuilder,
  input: string,
  { shape, range, scaled, normalisation, transposed = false }: Sample,
): Features {
  const exchanged = transposed && shape.length > 1;
  const [low, high] = scaled ? range : [0, 1];
  const { mean, standardDeviation } = normalisation ?? { mean: [0], standardDeviation: [1] };
  const upright = exchanged ? graph.add('Transpose', [input], { perm: exchangedAxes(shape.length) }) : input;
  const features = standardised(graph, upright, {
    centers: mean.map((each) => low + each * (high - low)),
    scales: standardDeviation.map((each) => each * (high - low)),
    shape: [mean.length, ...shape.slice(1).map(() => 1)],
  });
  return {
    inputs: [valueInfo(input, 'float32', ['batch', ...shapeInFiles({ shape, transposed })])],
    features,
    refused: anyOutside(graph, input, elementCount(shape), range),
  };
}

function exchangedAxes(axes: number): number[] {
  return swapLast(Array.from({ length: axes + 1 }, (_, axis) => axis));
}

/** Whether one of a sample's values is out of the range or NaN: [batch, 1]. The largest is found by pooling, which every opset has alike. */
function anyOutside(graph: GraphBuilder, value: string, size: number, range: readonly [number, number]): string {
  const each = graph.add('Or', [isOutside(graph, value, range), isNaNValue(graph, value)]);
  const flat = graph.add('Reshape', [cast(graph, each, 'float32'), graph.integers([-1, 1, size])]);
  const largest = graph.add('Reshape', [graph.add('GlobalMaxPool', [flat]), graph.integers([-1, 1])]);
  return graph.add('Greater', [largest, graph.scalar(0)]);
}
