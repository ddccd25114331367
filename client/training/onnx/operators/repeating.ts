/** Expand and Tile: copies, whose gradients add up. */
import { reduceTo } from '../graph.ts';
import { broadcast } from './arithmetic.ts';
import { mismatch, type NodeContext, type Operator, unsupported } from './operator.ts';

function constantOf({ node, constant }: NodeContext, what: string): readonly number[] {
  const value = constant(1);
  if (value === undefined) throw unsupported(node, `${what} that depends on the data`);
  return value;
}

export const expand: Operator = {
  differentiable: [0],
  inferShape: (context) => broadcast(context.node, context.shapes[0]!, constantOf(context, 'a shape')),
  backward: ({ graph, shapes, outputShape, gradient }) => [reduceTo(graph, gradient, outputShape, shapes[0]!)],
};

export const tile: Operator = {
  differentiable: [0],
  inferShape(context) {
    const { node, shapes } = context;
    const repeats = constantOf(context, 'a number of repeats');
    if (repeats.length !== shapes[0]!.length) throw mismatch(node, `[${repeats}] does not repeat [${shapes[0]}]`);
    return shapes[0]!.map((extent, axis) => extent * repeats[axis]!);
  },
  backward(context) {
    const { graph, shapes, gradient } = context;
    const repeats = constantOf(context, 'a number of repeats');
    const apart = shapes[0]!.flatMap((extent, axis) => [repeats[axis]!, extent]);
    const copies = graph.add('Reshape', [gradient, graph.integers(apart)]);
    return [graph.add('ReduceSum', [copies, graph.integers(repeats.map((_, axis) => 2 * axis))], { keepdims: 0 })];
  },
};
