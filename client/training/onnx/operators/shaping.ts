/** Operators that only move elements: Reshape, Flatten, Squeeze, Unsqueeze, Transpose. */
import { elementCount } from '../../layout.ts';
import { createNode, integerAttribute, integersAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import {
  axisOf,
  type ForwardContext,
  integersOf,
  mismatch,
  type NodeContext,
  type Operator,
  unsupported,
} from './operator.ts';

function reshaping(inferShape: (context: NodeContext) => Shape): Operator {
  return {
    differentiable: [0],
    inferShape(context) {
      const from = context.shapes[0]!;
      const to = inferShape(context);
      if (elementCount(from) !== elementCount(to)) throw mismatch(context.node, `[${from}] cannot become [${to}]`);
      return to;
    },
    forward: ({ graph, inputs, output, outputShape }: ForwardContext) =>
      graph.append(createNode('Reshape', [inputs[0]!, graph.integers(outputShape)], [output])),
    backward: ({ graph, shapes, gradient }) => [graph.add('Reshape', [gradient, graph.integers(shapes[0]!)])],
  };
}

/** 0 copies the input's extent, −1 takes what is left. */
export const reshape = reshaping(({ node, shapes, constant }) => {
  const wanted = constant(1);
  if (wanted === undefined) throw unsupported(node, 'a shape that depends on the data');
  const from = shapes[0]!;
  if (integerAttribute(node, 'allowzero', 0) !== 0 && wanted.includes(0)) throw unsupported(node, 'an extent of zero');
  const copied = wanted.map((extent, axis) => (extent === 0 ? (from[axis] ?? 0) : extent));
  const known = copied.filter((extent) => extent !== -1).reduce((product, extent) => product * extent, 1);
  return copied.map((extent) => (extent === -1 ? elementCount(from) / known : extent));
});

export const flatten = reshaping(({ node, shapes }) => {
  const axis = integerAttribute(node, 'axis', 1);
  const from = shapes[0]!;
  const cut = axis < 0 ? axis + from.length : axis;
  return [elementCount(from.slice(0, cut)), elementCount(from.slice(cut))];
});

/** The axes are an attribute before opset 13, an input since. */
export const squeeze = reshaping((context) => {
  const from = context.shapes[0]!;
  const axes = integersOf(context, 1, 'axes')?.map((axis) => axisOf(context.node, axis, from.length));
  return from.filter((extent, axis) => (axes ? !axes.includes(axis) : extent !== 1));
});

export const unsqueeze = reshaping((context) => {
  const from = context.shapes[0]!;
  const given = integersOf(context, 1, 'axes') ?? [];
  const rank = from.length + given.length;
  const axes = given.map((axis) => axisOf(context.node, axis, rank));
  const rest = [...from];
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!));
});

export function permutation({ node, shapes }: NodeContext): readonly number[] {
  const axes = shapes[0]!.map((_, axis) => axis);
  return integersAttribute(node, 'perm', axes.reverse());
}

export const transpose: Operator = {
  inferShape: (context) => permutation(context).map((axis) => context.shapes[0]![axis]!),
  backward(context) {
    const perm = permutation(context);
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [context.graph.add('Transpose', [context.gradient], { perm: inverse })];
  },
};
