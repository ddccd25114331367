/** Conv: X [N, C, …], W [M, C, …kernel], B [M] to [N, M, …]. One group, no dilation. */
import type { GraphBuilder } from '../graph.ts';
import { integerAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { mismatch, type NodeContext, type Operator, unsupported } from './operator.ts';
import { resolveWindow, transposedAttributes, type Window } from './window.ts';

function window({ node, shapes }: NodeContext): Window {
  return resolveWindow(node, shapes[0]!, shapes[1]!.slice(2));
}

function swapFirstTwo(graph: GraphBuilder, value: string, shape: Shape): string {
  return graph.add('Transpose', [value], { perm: [1, 0, ...shape.slice(2).map((_, axis) => axis + 2)] });
}

/** The kernel's gradient is the correlation of input and output gradient, over the batch instead of the channels. */
function kernelGradient(graph: GraphBuilder, x: string, gradient: string, shape: Shape, window: Window): string {
  const { kernel, strides, pads, outputs, remainders } = window;
  const correlation = graph.add('Conv', [swapFirstTwo(graph, x, shape), swapFirstTwo(graph, gradient, shape)], {
    kernel_shape: outputs,
    dilations: strides,
    pads,
  });
  const axes = kernel.map((_, axis) => axis + 2);
  const reached = remainders.every((remainder) => remainder === 0)
    ? correlation
    : graph.add('Slice', [
        correlation,
        graph.integers(kernel.map(() => 0)),
        graph.integers(kernel),
        graph.integers(axes),
      ]);
  return swapFirstTwo(graph, reached, shape);
}

export const conv: Operator = {
  inferShape(context) {
    const { node, shapes } = context;
    const [x = [], w = []] = shapes;
    if (integerAttribute(node, 'group', 1) !== 1) throw unsupported(node, 'more than one group');
    const { outputs } = window(context);
    if (x[1] !== w[1]) throw mismatch(node, `its kernels are for ${w[1]} channels, its input has ${x[1]}`);
    return [x[0]!, w[0]!, ...outputs];
  },
  backward(context) {
    const { graph, inputs, shapes, gradient, wanted } = context;
    const [x, w, b] = inputs as [string, string, string?];
    const shape = shapes[0]!;
    const allButChannels = [0, ...shape.slice(2).map((_, axis) => axis + 2)];
    return [
      wanted(0) ? graph.add('ConvTranspose', [gradient, w], transposedAttributes(window(context))) : undefined,
      wanted(1) ? kernelGradient(graph, x, gradient, shape, window(context)) : undefined,
      b && wanted(2) ? graph.add('ReduceSum', [gradient, graph.integers(allButChannels)], { keepdims: 0 }) : undefined,
    ];
  },
};
