/** MaxPool, AveragePool, GlobalAveragePool, GlobalMaxPool over [N, C, …]. */
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
    const { kernel, strides, dilations, pads, remainders } = window(context);
    const isApart = strides.every((stride, axis) => stride >= kernel[axis]! && dilations[axis] === 1);
    const isInside = pads.every((pad) => pad === 0) && remainders.every((remainder) => remainder >= 0);
    if (!isApart || !isInside) return [scatter(context)];
    const inputs = [gradient, `${output}/indices`, graph.integers(shapes[0]!)];
    return [graph.add('MaxUnpool', inputs, { kernel_shape: kernel, strides })];
  },
};

/** How many elements each window's mean counts, [1, 1, …outputs]: those of the input, or of the padded input. */
function coverage(
  { kernel, strides, dilations, pads, outputs }: Window,
  extents: Shape,
  withPadding: boolean,
): number[] {
  return outputs.reduce<number[]>(
    (products, count, axis) => {
      const [begin, end] = withPadding ? [-pads[axis]!, pads[axis + kernel.length]!] : [0, 0];
      const counted = Array.from({ length: count }, (_, position) => {
        const start = position * strides[axis]! - pads[axis]!;
        const places = Array.from({ length: kernel[axis]! }, (__, tap) => start + tap * dilations[axis]!);
        return places.filter((place) => place >= begin && place < extents[axis]! + end).length;
      });
      return products.flatMap((product) => counted.map((elements) => product * elements));
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
    const counts = coverage(resolved, extents, integerAttribute(node, 'count_include_pad', 0) === 1);
    const weights = graph.constant(
      floatTensor(
        [1, 1, ...outputs],
        counts.map((count) => 1 / count),
      ),
    );
    const share = graph.add('Mul', [gradient, weights]);
    const single = graph.add('Reshape', [share, graph.integers([n * c, 1, ...outputShape.slice(2)])]);
    const kernelOfOnes = graph.constant(floatTensor([1, 1, ...kernel], Array(elementCount(kernel)).fill(1)));
    const spread = graph.add('ConvTranspose', [single, kernelOfOnes], transposedAttributes(resolved));
    return [graph.add('Reshape', [spread, graph.integers(shapes[0]!)])];
  },
};

const channelsOnly: Operator['inferShape'] = ({ shapes }) => shapes[0]!.map((extent, axis) => (axis < 2 ? extent : 1));

export const globalAveragePool: Operator = {
  inferShape: channelsOnly,
  backward({ graph, shapes, gradient }) {
    const share = graph.scale(gradient, 1 / elementCount(shapes[0]!.slice(2)));
    return [graph.add('Expand', [share, graph.integers(shapes[0]!)])];
  },
};

/** Equal maxima share the gradient. */
export const globalMaxPool: Operator = {
  inferShape: channelsOnly,
  backward({ graph, inputs, shapes, output, gradient }) {
    const spatial = shapes[0]!.slice(2).map((_, axis) => axis + 2);
    const chosen = graph.add('Cast', [graph.add('Equal', [inputs[0]!, output])], { to: 1 });
    const ties = graph.add('ReduceSum', [chosen, graph.integers(spatial)], { keepdims: 1 });
    return [graph.add('Mul', [chosen, graph.add('Div', [gradient, ties])])];
  },
};
