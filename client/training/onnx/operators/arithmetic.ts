/** Element by element, with NumPy's broadcasting: Add, Sub, Mul, Div, Pow, Where. */
import { reduceTo } from '../graph.ts';
import type { NodeProto } from '../proto.ts';
import type { Shape } from '../tensor.ts';
import { type BackwardContext, mismatch, type Operator } from './operator.ts';

export function broadcast(node: NodeProto, ...shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const [extent = 1, ...others] = new Set(extents.filter((each) => each !== 1));
    if (others.length === 0) return extent;
    throw mismatch(node, `it cannot combine ${shapes.map((shape) => `[${shape}]`).join(' and ')}`);
  });
}

export function elementwise(gradients: (context: BackwardContext) => (() => string)[]): Operator {
  return {
    inferShape: ({ node, shapes }) => broadcast(node, ...shapes),
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

/** ∂aᵇ/∂a = b·aᵇ⁻¹, ∂aᵇ/∂b = aᵇ·ln a */
export const pow = elementwise(({ graph, inputs, output, gradient, constant, wanted }) => {
  const [base, exponent] = inputs as [string, string];
  const constantExponent = wanted(1) ? undefined : constant(1);
  const ofBase = () => {
    if (constantExponent?.length === 1) {
      const power = constantExponent[0]!;
      const slope = power === 2 ? base : graph.add('Pow', [base, graph.scalar(power - 1)]);
      return graph.add('Mul', [gradient, graph.scale(slope, power)]);
    }
    const less = graph.add('Pow', [base, graph.add('Sub', [exponent, graph.scalar(1)])]);
    return graph.add('Mul', [gradient, graph.add('Mul', [exponent, less])]);
  };
  const ofExponent = () => graph.add('Mul', [gradient, graph.add('Mul', [output, graph.add('Log', [base])])]);
  return [ofBase, ofExponent];
});

/** The condition carries no gradient. */
export const where: Operator = {
  ...elementwise(({ graph, inputs, gradient }) => {
    const zero = graph.scalar(0);
    return [
      () => zero,
      () => graph.add('Where', [inputs[0]!, gradient, zero]),
      () => graph.add('Where', [inputs[0]!, zero, gradient]),
    ];
  }),
  differentiable: [1, 2],
};
