/** Reductions along axes: sums, means, extrema, norms. The axes are an attribute in older opsets, an input since. */
import { elementCount } from '../../layout.ts';
import { integerAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import {
  axisOf,
  type BackwardContext,
  type ForwardContext,
  integersOf,
  type NodeContext,
  type Operator,
} from './operator.ts';

/** Without axes all are reduced, or none where the node says so. */
export function reducedAxes(context: NodeContext): number[] {
  const { node, shapes } = context;
  const rank = shapes[0]!.length;
  const given = integersOf(context, 1, 'axes') ?? [];
  if (given.length > 0) return given.map((axis) => axisOf(node, axis, rank));
  return integerAttribute(node, 'noop_with_empty_axes', 0) === 1 ? [] : shapes[0]!.map((_, axis) => axis);
}

function keptShape(context: NodeContext): Shape {
  const axes = reducedAxes(context);
  return context.shapes[0]!.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

function inferShape(context: NodeContext): Shape {
  if (integerAttribute(context.node, 'keepdims', 1) === 1) return keptShape(context);
  const axes = reducedAxes(context);
  return context.shapes[0]!.filter((_, axis) => !axes.includes(axis));
}

/** By another reduction along the same axes, which are kept as 1. */
function reduceAlike(context: BackwardContext, opType: string, value: string): string {
  return context.graph.add(opType, [value, context.graph.integers(reducedAxes(context))], {
    keepdims: 1,
    noop_with_empty_axes: 1,
  });
}

function forward(context: ForwardContext): void {
  const { graph, node, inputs, output } = context;
  graph.addNamed(node.opType, [inputs[0]!, graph.integers(reducedAxes(context))], [output], {
    keepdims: integerAttribute(node, 'keepdims', 1),
    noop_with_empty_axes: 1,
  });
}

interface Reduced {
  x: string;
  /** Output and gradient, with the reduced axes kept as 1. */
  y: string;
  g: string;
  /** Elements that become one. */
  count: number;
}

/** `gradient` broadcasts to the input's shape, or has it. */
function reduction(gradient: (context: BackwardContext, reduced: Reduced) => string): Operator {
  return {
    differentiable: [0],
    inferShape,
    forward,
    backward(context) {
      const { graph, inputs, shapes, output, outputShape } = context;
      const kept = keptShape(context);
      const isKept = kept.length === outputShape.length;
      const keep = (value: string) => (isKept ? value : graph.add('Reshape', [value, graph.integers(kept)]));
      const count = elementCount(shapes[0]!) / elementCount(kept);
      const result = gradient(context, { x: inputs[0]!, y: keep(output), g: keep(context.gradient), count });
      return [graph.add('Expand', [result, graph.integers(shapes[0]!)])];
    },
  };
}

export const reduceSum = reduction((_, { g }) => g);

export const reduceMean = reduction(({ graph }, { g, count }) => graph.scale(g, 1 / count));

/** Equal extrema share the gradient. */
export const reduceExtremum = reduction((context, { x, y, g }) => {
  const { graph } = context;
  const chosen = graph.add('Cast', [graph.add('Equal', [x, y])], { to: 1 });
  const ties = reduceAlike(context, 'ReduceSum', chosen);
  return graph.add('Mul', [chosen, graph.add('Div', [g, ties])]);
});

/** x / ‖x‖, and zero where the norm is. */
export const reduceL2 = reduction(({ graph }, { x, y, g }) => {
  const isZero = graph.add('Equal', [y, graph.scalar(0)]);
  const share = graph.add('Div', [g, graph.add('Where', [isZero, graph.scalar(1), y])]);
  return graph.add('Mul', [x, share]);
});

export const reduceL1 = reduction(({ graph }, { x, g }) => graph.add('Mul', [graph.add('Sign', [x]), g]));

export const reduceSumSquare = reduction(({ graph }, { x, g }) => graph.add('Mul', [x, graph.scale(g, 2)]));

export const reduceLogSum = reduction(({ graph }, { y, g }) => graph.add('Div', [g, graph.add('Exp', [y])]));

/** softmax(x) */
export const reduceLogSumExp = reduction(({ graph }, { x, y, g }) =>
  graph.add('Mul', [graph.add('Exp', [graph.add('Sub', [x, y])]), g]),
);

/** The product of the others, without a division by zero. */
export const reduceProd = reduction((context, { x, g }) => {
  const { graph } = context;
  const isZero = graph.add('Equal', [x, graph.scalar(0)]);
  const nonZero = graph.add('Where', [isZero, graph.scalar(1), x]);
  const zeros = graph.add('Cast', [isZero], { to: 1 });
  const zerosAmongOthers = graph.add('Sub', [reduceAlike(context, 'ReduceSum', zeros), zeros]);
  const others = graph.add('Div', [reduceAlike(context, 'ReduceProd', nonZero), nonZero]);
  const isReached = graph.add('Less', [zerosAmongOthers, graph.scalar(0.5)]);
  return graph.add('Mul', [g, graph.add('Where', [isReached, others, graph.scalar(0)])]);
});
