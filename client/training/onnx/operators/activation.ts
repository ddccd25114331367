/** Activations of one element: Relu, LeakyRelu, Sigmoid, Tanh; and Identity. */
import { floatAttribute } from '../node.ts';
import type { BackwardContext, Operator } from './operator.ts';

function activation(gradient: (context: BackwardContext) => string): Operator {
  return { inferShape: ({ shapes }) => shapes[0]!, backward: (context) => [gradient(context)] };
}

export const identity = activation(({ gradient }) => gradient);

/** The subgradient at zero is zero. */
export const relu = activation(({ graph, output, gradient }) => {
  const sign = graph.add('Sign', [output]);
  return graph.add('Mul', [gradient, sign]);
});

export const leakyRelu = activation(({ graph, node, inputs, gradient }) => {
  const negative = graph.add('Less', [inputs[0]!, graph.scalar(0)]);
  const slope = floatAttribute(node, 'alpha', Math.fround(0.01));
  return graph.add('Where', [negative, graph.scale(gradient, slope), gradient]);
});

/** y · (1 − y) */
export const sigmoid = activation(({ graph, output, gradient }) => {
  const rest = graph.add('Sub', [graph.scalar(1), output]);
  return graph.add('Mul', [gradient, graph.add('Mul', [output, rest])]);
});

/** 1 − y² */
export const tanh = activation(({ graph, output, gradient }) => {
  const slope = graph.add('Sub', [graph.scalar(1), graph.add('Mul', [output, output])]);
  return graph.add('Mul', [gradient, slope]);
});
