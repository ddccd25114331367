/**
 * Nodes from which preprocessing is made. All of them mean the same in every opset from 7 on, so that they can stand before a model of
 * any: without Where and IsNaN, a value is taken out by adding the square root of a negative number to it.
 */
import type { GraphBuilder } from '../onnx/graph.ts';
import { type Attributes, createNode } from '../onnx/node.ts';
import type { ValueInfoProto } from '../onnx/proto.ts';
import { dataType, floatTensor, type Shape } from '../onnx/tensor.ts';

/** The domain of operators for tables, and its version: the first whose LabelEncoder takes lists of keys and values. */
export const tableDomain = { domain: 'ai.onnx.ml', version: 2 };

/** What preprocessing hands to the model and to its answers. */
export interface Features {
  inputs: ValueInfoProto[];
  /** As the model was trained on: float32 [batch, …]. */
  features: string;
  /** Which samples the task refuses: bool [batch, 1]. */
  refused: string;
}

const stringType = 8;

export function stringInfo(name: string, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((extent) => (typeof extent === 'number' ? { dimValue: extent } : { dimParam: extent }));
  return { name, type: { tensorType: { elemType: stringType, shape: { dim } } } };
}

/** Adds an operator for tables and gives the name of its output. */
export function addOfTables(graph: GraphBuilder, opType: string, input: string, attributes: Attributes): string {
  const output = graph.name(opType);
  graph.append({ ...createNode(opType, [input], [output], attributes), domain: tableDomain.domain });
  return output;
}

export function cast(graph: GraphBuilder, value: string, type: 'float32' | 'int64'): string {
  return graph.add('Cast', [value], { to: dataType[type] });
}

/** True for NaN, and for what is `code`: neither below nor above it. */
export function isCode(graph: GraphBuilder, value: string, code: number): string {
  const constant = graph.scalar(code);
  const apart = graph.add('Or', [graph.add('Less', [value, constant]), graph.add('Greater', [value, constant])]);
  return graph.add('Not', [apart]);
}

/** True for NaN alone: every number is below 1 or above 0. */
export function isNaNValue(graph: GraphBuilder, value: string): string {
  const below = graph.add('Less', [value, graph.scalar(1)]);
  return graph.add('Not', [graph.add('Or', [below, graph.add('Greater', [value, graph.scalar(0)])])]);
}

const largest = 3.4028234663852886e38;

/** True below or above the range, for infinity also where there is none; false for NaN. */
export function isOutside(graph: GraphBuilder, value: string, range?: readonly [number, number]): string {
  const [low, high] = range ?? [-largest, largest];
  return graph.add('Or', [
    graph.add('Less', [value, graph.scalar(low)]),
    graph.add('Greater', [value, graph.scalar(high)]),
  ]);
}

/** 0 where `condition` is false and NaN where it is true: what it is added to becomes NaN there. */
export function nanWhere(graph: GraphBuilder, condition: string): string {
  return graph.add('Sqrt', [graph.add('Neg', [cast(graph, condition, 'float32')])]);
}

/**
 * (value − center) ÷ scale, broadcast from `shape`. The center is taken off in two parts, so that what is lost is of the size of the
 * difference and not of the value.
 */
export function standardised(
  graph: GraphBuilder,
  value: string,
  { centers, scales, shape }: { centers: readonly number[]; scales: readonly number[]; shape: Shape },
): string {
  const isAll = (values: readonly number[], wanted: number) => values.every((each) => each === wanted);
  const high = centers.map(Math.fround);
  const low = centers.map((center, place) => Math.fround(center - high[place]!));
  let result = value;
  for (const part of [high, low]) {
    if (!isAll(part, 0)) result = graph.add('Sub', [result, graph.constant(floatTensor(shape, part))]);
  }
  return isAll(scales, 1) ? result : graph.add('Div', [result, graph.constant(floatTensor(shape, scales))]);
}
