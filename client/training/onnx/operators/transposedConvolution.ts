/** ConvTranspose: X [N, C, …], W [C, M/groups, …kernel], B [M] to [N, M, …], the gradient of a convolution as a layer. */
import { integersAttribute, stringAttribute } from '../node.ts';
import { biasGradient, groupsOf, kernelGradient } from './convolution.ts';
import { type ForwardContext, mismatch, type NodeContext, type Operator, unsupported } from './operator.ts';
import { transposedAttributes, type Window } from './window.ts';

/** The window of the convolution that goes the other way: from this node's output to its input. */
function window({ node, shapes }: NodeContext): { over: number[]; back: Window } {
  const extents = shapes[0]!.slice(2);
  const kernel = shapes[1]!.slice(2);
  if (kernel.length !== extents.length) throw mismatch(node, `a window of [${kernel}] cannot slide over [${extents}]`);
  const ones = kernel.map(() => 1);
  const strides = integersAttribute(node, 'strides', ones);
  const dilations = integersAttribute(node, 'dilations', ones);
  const remainders = integersAttribute(
    node,
    'output_padding',
    ones.map(() => 0),
  );
  const mode = stringAttribute(node, 'auto_pad', 'NOTSET');
  const given = integersAttribute(node, 'pads', [...kernel, ...kernel].fill(0));
  const wanted = integersAttribute(node, 'output_shape', []).slice(-kernel.length);
  if (remainders.some((extra, axis) => extra >= strides[axis]!))
    throw unsupported(node, 'output_padding of a stride or more');

  const axes = extents.map((extent, axis) => {
    const full = strides[axis]! * (extent - 1) + remainders[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
    const size = wanted[axis] ?? (mode.startsWith('SAME') ? extent * strides[axis]! : undefined);
    if (size === undefined) {
      const [begin, end] = mode === 'VALID' ? [0, 0] : [given[axis]!, given[axis + kernel.length]!];
      return { begin, end, size: full - begin - end };
    }
    const total = full - size;
    if (total < 0) throw unsupported(node, 'an output larger than its windows reach');
    const smaller = Math.floor(total / 2);
    return mode === 'SAME_UPPER'
      ? { begin: smaller, end: total - smaller, size }
      : { begin: total - smaller, end: smaller, size };
  });
  const pads = [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)];
  return {
    over: axes.map(({ size }) => size),
    back: { kernel, strides, dilations, pads, outputs: extents, remainders },
  };
}

export const convTranspose: Operator = {
  inferShape(context) {
    const [x = [], w = []] = context.shapes;
    if (x[1] !== w[0]) throw mismatch(context.node, `its kernels are for ${w[0]} channels, its input has ${x[1]}`);
    return [x[0]!, w[1]! * groupsOf(context), ...window(context).over];
  },
  forward(context: ForwardContext) {
    const { graph, inputs, output } = context;
    graph.addNamed('ConvTranspose', inputs, [output], {
      ...transposedAttributes(window(context).back),
      group: groupsOf(context),
    });
  },
  backward(context) {
    const { graph, inputs, outputShape, gradient, wanted } = context;
    const [x, w, b] = inputs as [string, string, string?];
    const { back } = window(context);
    const { kernel, strides, dilations, pads } = back;
    const group = groupsOf(context);
    const wide = { value: gradient, shape: outputShape };
    return [
      wanted(0)
        ? graph.add('Conv', [gradient, w], { kernel_shape: kernel, strides, dilations, pads, group })
        : undefined,
      wanted(1) ? kernelGradient(graph, wide, x, group, back) : undefined,
      b && wanted(2) ? biasGradient(graph, gradient, outputShape) : undefined,
    ];
  },
};
