/** Element by element, with NumPy's broadcasting: Add, Sub, Mul, Div. */
import { reduceTo } from '../graph.ts';
import type { NodeProto } from '../proto.ts';
import type { Shape } from '../tensor.ts';
import { type BackwardContext, mismatch, type NodeContext, type Operator } from './operator.ts';

export function broadcast(node: NodeProto, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw mismatch(node, `it cannot combine [${a}] and [${b}]`);
    return x === 1 ? y : x;
  });
}

function elementwise(gradients: (context: BackwardContext) => [() => string, () => string]): Operator {
  return {
    inferShape: ({ node, shapes }: NodeContext) => broadcast(node, shapes[0]!, shapes[1]!),
    backward(context) {
      const { graph, shapes, outputShape, wanted } = context;
      return gradients(context).map((gradient, input) =>
        wanted(input) ? reduceTo(graph, gradient(), outputShape, shapes[input]!) : undefined,
      );
    },
  };
}

export const add = elementwise(({ gradient }) => [() => gradient, () => gradient]);

export const sub = elementwise(({ graph, gradient }) => [() => gradient, () => graph.add('Neg', [gradient])]);

export const mul = elementwise(({ graph, inputs, gradient }) => [
  () => graph.add('Mul', [gradient, inputs[1]!]),
  () => graph.add('Mul', [gradient, inputs[0]!]),
]);

/** ∂(a/b)/∂b = −(a/b)/b */
export const div = elementwise(({ graph, inputs, output, gradient }) => [
  () => graph.add('Div', [gradient, inputs[1]!]),
  () => graph.add('Neg', [graph.add('Div', [graph.add('Mul', [gradient, output]), inputs[1]!])]),
]);
