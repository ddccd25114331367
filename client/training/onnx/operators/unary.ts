/** Operators of one element, each by its derivative. */
import type { BackwardContext, ForwardContext, Operator } from './operator.ts';

export function unary(
  gradient: (context: BackwardContext) => string,
  forward?: (context: ForwardContext) => void,
): Operator {
  return {
    differentiable: [0],
    inferShape: ({ shapes }) => shapes[0]!,
    ...(forward && { forward }),
    backward: (context) => [gradient(context)],
  };
}

/** Of a function whose derivative is `slope`. */
export function smooth(
  slope: (context: BackwardContext, x: string) => string,
  forward?: (context: ForwardContext) => void,
): Operator {
  return unary((context) => {
    const { graph, inputs, gradient } = context;
    return graph.add('Mul', [gradient, slope(context, inputs[0]!)]);
  }, forward);
}
