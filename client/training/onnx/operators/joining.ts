/** Concat and Split: parts along one axis. */
import { splitInto } from '../graph.ts';
import type { Shape } from '../tensor.ts';
import { axisIn, integersOf, mismatch, type NodeContext, type Operator } from './operator.ts';

export const concat: Operator = {
  inferShape(context) {
    const { node, shapes } = context;
    const axis = axisIn(context, 0);
    const others = (shape: Shape) => String(shape.toSpliced(axis, 1));
    const odd = shapes.find((shape) => others(shape) !== others(shapes[0]!));
    if (odd) throw mismatch(node, `it cannot join [${odd}] to [${shapes[0]}]`);
    return shapes[0]!.with(
      axis,
      shapes.reduce((total, shape) => total + shape[axis]!, 0),
    );
  },
  backward(context) {
    const { graph, shapes, gradient, wanted } = context;
    const axis = axisIn(context, 0);
    const extents = shapes.map((shape) => shape[axis]!);
    return splitInto(graph, gradient, extents, axis).map((part, input) => (wanted(input) ? part : undefined));
  },
};

/** As given, or even parts of which the last may be smaller. */
function partsOf(context: NodeContext): readonly number[] {
  const { node, shapes } = context;
  const given = integersOf(context, 1, 'split');
  if (given) return given;
  const extent = shapes[0]![axisIn(context, 0)]!;
  const count = node.output!.length;
  const size = Math.ceil(extent / count);
  return Array.from({ length: count }, (_, place) => Math.max(Math.min(size, extent - place * size), 0));
}

export const split: Operator = {
  differentiable: [0],
  inferShape: (context) => context.shapes[0]!.with(axisIn(context, 0), partsOf(context)[0]!),
  inferShapes: (context) => partsOf(context).map((size) => context.shapes[0]!.with(axisIn(context, 0), size)),
  forward: (context) =>
    context.graph.addNamed('Split', [context.inputs[0]!, context.graph.integers(partsOf(context))], context.outputs, {
      axis: axisIn(context, 0),
    }),
  backward(context) {
    const { graph, gradients, outputShapes } = context;
    const zeros = (shape: Shape) => graph.add('ConstantOfShape', [graph.integers(shape)]);
    const parts = outputShapes.map((shape, place) => gradients[place] ?? zeros(shape));
    return [graph.add('Concat', parts, { axis: axisIn(context, 0) })];
  },
};
