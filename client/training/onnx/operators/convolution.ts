/** Conv: X [N, C, …], W [M, C/groups, …kernel], B [M] to [N, M, …]. */
import type { GraphBuilder } from '../graph.ts';
import { integerAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { mismatch, type NodeContext, type Operator } from './operator.ts';
import { resolveWindow, transposedAttributes, type Window } from './window.ts';

function window({ node, shapes }: NodeContext): Window {
  return resolveWindow(node, shapes[0]!, shapes[1]!.slice(2));
}

export function groupsOf({ node }: NodeContext): number {
  return integerAttribute(node, 'group', 1);
}

export function swapFirstTwo(graph: GraphBuilder, value: string, rank: number): string {
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
  return graph.add('Transpose', [value], { perm: [1, 0, ...spatial] });
}

/** What holds one number for each channel broadcasts as this to a value of this shape. */
export function perChannel(shape: Shape): Shape {
  return [shape[1]!, ...shape.slice(2).map(() => 1)];
}

/** [N, groups · C, …] to [C, groups · N, …] */
function swapWithinGroups(graph: GraphBuilder, value: string, shape: Shape, groups: number): string {
  if (groups === 1) return swapFirstTwo(graph, value, shape.length);
  const [n, channels, ...extents] = shape as [number, number, ...number[]];
  const apart = graph.add('Reshape', [value, graph.integers([n, groups, channels / groups, ...extents])]);
  const turned = graph.add('Transpose', [apart], { perm: [2, 1, 0, ...extents.map((_, axis) => axis + 3)] });
  return graph.add('Reshape', [turned, graph.integers([channels / groups, groups * n, ...extents])]);
}

/** The gradient at the window's places, `narrow`, slides over what the window slides over, `wide`: one sum for each place of the kernel. */
export function correlate(
  graph: GraphBuilder,
  wide: string,
  narrow: string,
  group: number,
  { kernel, strides, dilations, pads, outputs, remainders }: Window,
): string {
  const correlation = graph.add('Conv', [wide, narrow], {
    kernel_shape: outputs,
    strides: dilations,
    dilations: strides,
    pads,
    group,
  });
  const isReached = remainders.every((remainder, axis) => remainder < dilations[axis]!);
  if (isReached) return correlation;
  const limits = [kernel.map(() => 0), kernel, kernel.map((_, axis) => axis + 2)];
  return graph.add('Slice', [correlation, ...limits.map((limit) => graph.integers(limit))]);
}

/** The kernel's gradient is the correlation of `wide` and `narrow`, over the batch instead of the channels. */
export function kernelGradient(
  graph: GraphBuilder,
  wide: { value: string; shape: Shape },
  narrow: string,
  groups: number,
  slid: Window,
): string {
  const rank = wide.shape.length;
  const over = swapWithinGroups(graph, wide.value, wide.shape, groups);
  return swapFirstTwo(graph, correlate(graph, over, swapFirstTwo(graph, narrow, rank), groups, slid), rank);
}

/** Over all axes but the channels. */
export function biasGradient(graph: GraphBuilder, gradient: string, shape: Shape): string {
  const allButChannels = [0, ...shape.slice(2).map((_, axis) => axis + 2)];
  return graph.add('ReduceSum', [gradient, graph.integers(allButChannels)], { keepdims: 0 });
}

export const conv: Operator = {
  inferShape(context) {
    const { node, shapes } = context;
    const [x = [], w = []] = shapes;
    const { outputs } = window(context);
    const groups = groupsOf(context);
    if (x[1] !== w[1]! * groups || w[0]! % groups !== 0) {
      const each = groups === 1 ? '' : ` in each of ${groups} groups`;
      throw mismatch(node, `its kernels are for ${w[1]} channels${each}, its input has ${x[1]}`);
    }
    return [x[0]!, w[0]!, ...outputs];
  },
  backward(context) {
    const { graph, inputs, shapes, gradient, wanted } = context;
    const [x, w, b] = inputs as [string, string, string?];
    const group = groupsOf(context);
    const resolved = window(context);
    const back = { ...transposedAttributes(resolved), group };
    return [
      wanted(0) ? graph.add('ConvTranspose', [gradient, w], back) : undefined,
      wanted(1) ? kernelGradient(graph, { value: x, shape: shapes[0]! }, gradient, group, resolved) : undefined,
      b && wanted(2) ? biasGradient(graph, gradient, shapes[0]!) : undefined,
    ];
  },
};
