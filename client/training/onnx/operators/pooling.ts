/** MaxPool, AveragePool, GlobalAveragePool over [N, C, …]. */
import { elementCount } from '../../layout.ts';
import { createNode, integerAttribute, integersAttribute } from '../node.ts';
import { floatTensor, type Shape } from '../tensor.ts';
import { type BackwardContext, type NodeContext, type Operator, unsupported } from './operator.ts';
import { resolveWindow, transposedAttributes, type Window } from './window.ts';

function window({ node, shapes }: NodeContext): Window {
  return resolveWindow(node, shapes[0]!, integersAttribute(node, 'kernel_shape', []));
}

function inferShape(context: NodeContext): Shape {
  return [...context.shapes[0]!.slice(0, 2), ...window(context).outputs];
}

/** Windows that overlap may choose one element several times: its gradients add up. MaxUnpool knows no padding either. */
function scatter({ graph, output, outputShape, shapes, gradient }: BackwardContext): string {
  const flatten = (value: string) => graph.add('Reshape', [value, graph.integers([elementCount(outputShape)])]);
  const zeros = graph.add('ConstantOfShape', [graph.integers([elementCount(shapes[0]!)])]);
  const sums = graph.add('ScatterElements', [zeros, flatten(`${output}/indices`), flatten(gradient)], {
    reduction: 'add',
  });
  return graph.add('Reshape', [sums, graph.integers(shapes[0]!)]);
}

export const maxPool: Operator = {
  inferShape(context) {
    if (context.node.output!.length > 1) throw unsupported(context.node, 'its indices as an output');
    if (integerAttribute(context.node, 'storage_order', 0) !== 0) throw unsupported(context.node, 'storage_order');
    return inferShape(context);
  },
  /** Also keeps which element of the input each window chose, as an index into the whole tensor. */
  forward({ graph, node, inputs, output }) {
    graph.append({ ...createNode('MaxPool', inputs, [output, `${output}/indices`]), attribute: node.attribute ?? [] });
  },
  backward(context) {
    const { graph, shapes, output, gradient } = context;
    const { kernel, strides, pads } = window(context);
    const overlaps = strides.some((stride, axis) => stride < kernel[axis]!);
    if (overlaps || pads.some((pad) => pad > 0)) return [scatter(context)];
    const inputs = [gradient, `${output}/indices`, graph.integers(shapes[0]!)];
    return [graph.add('MaxUnpool', inputs, { kernel_shape: kernel, strides })];
  },
};

/** How many elements of the input lie under each window: [1, 1, …outputs]. */
function coverage({ kernel, strides, pads, outputs }: Window, extents: Shape): number[] {
  return outputs.reduce<number[]>(
    (products, count, axis) => {
      const covered = Array.from({ length: count }, (_, position) => {
        const start = position * strides[axis]! - pads[axis]!;
        return Math.min(start + kernel[axis]!, extents[axis]!) - Math.max(start, 0);
      });
      return products.flatMap((product) => covered.map((elements) => product * elements));
    },
    [1],
  );
}

/** Each window spreads its gradient evenly: a transposed convolution of every channel by itself. */
export const averagePool: Operator = {
  inferShape,
  backward(context) {
    const { graph, node, shapes, outputShape, gradient } = context;
    const [n, c, ...extents] = shapes[0] as [number, number, ...number[]];
    const resolved = window(context);
    const { kernel, outputs } = resolved;
    const includePadding = integerAttribute(node, 'count_include_pad', 0) === 1;
    const area = elementCount(kernel);
    const counts = coverage(resolved, extents).map((count) => (includePadding ? area : count));
    const weights = graph.constant(
      floatTensor(
        [1, 1, ...outputs],
        counts.map((count) => 1 / count),
      ),
    );
    const share = graph.add('Mul', [gradient, weights]);
    const single = graph.add('Reshape', [share, graph.integers([n * c, 1, ...outputShape.slice(2)])]);
    const kernelOfOnes = graph.constant(floatTensor([1, 1, ...kernel], Array(area).fill(1)));
    const spread = graph.add('ConvTranspose', [single, kernelOfOnes], transposedAttributes(resolved));
    return [graph.add('Reshape', [spread, graph.integers(shapes[0]!)])];
  },
};

export const globalAveragePool: Operator = {
  inferShape: ({ shapes }) => shapes[0]!.map((extent, axis) => (axis < 2 ? extent : 1)),
  backward({ graph, shapes, gradient }) {
    const share = graph.scale(gradient, 1 / elementCount(shapes[0]!.slice(2)));
    return [graph.add('Expand', [share, graph.integers(shapes[0]!)])];
  },
};
