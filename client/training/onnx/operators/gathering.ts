/** Gather (embeddings), GatherElements, GatherND: elements chosen by index; those chosen several times add up. */
import { elementCount } from '../../layout.ts';
import { integerAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { axisIn, type BackwardContext, type Operator, unsupported } from './operator.ts';

function zerosLike(context: BackwardContext, shape: Shape = context.shapes[0]!): string {
  return context.graph.add('ConstantOfShape', [context.graph.integers(shape)]);
}

/** Along the first axis. */
function addRows(context: BackwardContext): string {
  const { graph, inputs, shapes, gradient } = context;
  const [rows, ...rest] = shapes[0]! as [number, ...number[]];
  const count = elementCount(shapes[1]!);
  const flat = graph.add('Reshape', [inputs[1]!, graph.integers([count, 1])]);
  const indices = graph.add('Cast', [flat], { to: 7 });
  const size = elementCount(rest);
  const places = graph.add('Expand', [indices, graph.integers([count, size])]);
  const updates = graph.add('Reshape', [gradient, graph.integers([count, size])]);
  const sums = graph.add('ScatterElements', [zerosLike(context, [rows, size]), places, updates], {
    axis: 0,
    reduction: 'add',
  });
  return rest.length === 1 ? sums : graph.add('Reshape', [sums, graph.integers(shapes[0]!)]);
}

/** Along an axis other than the first: that axis is brought to the front. */
function addSlices(context: BackwardContext): string {
  const { graph, shapes, outputShape, gradient } = context;
  const axis = axisIn(context, 0);
  if (axis === 0) return addRows(context);
  const chosen = shapes[1]!.length;
  const axes = outputShape.map((_, place) => place);
  const front = [...axes.splice(axis, chosen), ...axes];
  const moved = graph.add('Transpose', [gradient], { perm: front });
  const from = shapes[0]!;
  const turned = [from[axis]!, ...from.toSpliced(axis, 1)];
  const sums = addRows({ ...context, gradient: moved, shapes: [turned, shapes[1]!] });
  const back = from.map((_, place) => (place === axis ? 0 : place < axis ? place + 1 : place));
  return graph.add('Transpose', [sums], { perm: back });
}

export const gather: Operator = {
  differentiable: [0],
  inferShape: (context) => context.shapes[0]!.toSpliced(axisIn(context, 0), 1, ...context.shapes[1]!),
  backward: (context) => [addSlices(context)],
};

export const gatherElements: Operator = {
  differentiable: [0],
  inferShape: ({ shapes }) => shapes[1]!,
  backward(context) {
    const { graph, inputs, gradient } = context;
    const attributes = { axis: axisIn(context, 0), reduction: 'add' };
    return [graph.add('ScatterElements', [zerosLike(context), inputs[1]!, gradient], attributes)];
  },
};

export const gatherND: Operator = {
  differentiable: [0],
  inferShape({ node, shapes }) {
    if (integerAttribute(node, 'batch_dims', 0) !== 0) throw unsupported(node, 'batch_dims');
    const [from, by] = shapes as [Shape, Shape];
    return [...by.slice(0, -1), ...from.slice(by.at(-1)!)];
  },
  backward(context) {
    const { graph, inputs, gradient } = context;
    return [graph.add('ScatterND', [zerosLike(context), inputs[1]!, gradient], { reduction: 'add' })];
  },
};
