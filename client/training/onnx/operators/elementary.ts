/** Elementary functions of one element. */
import { smooth, unary } from './unary.ts';

export const neg = unary(({ graph, gradient }) => graph.add('Neg', [gradient]));

/** The subgradient at zero is zero. */
export const abs = smooth(({ graph }, x) => graph.add('Sign', [x]));

export const exp = smooth(({ output }) => output);

export const log = unary(({ graph, inputs, gradient }) => graph.add('Div', [gradient, inputs[0]!]));

/** 1 / (2y) */
export const sqrt = unary(({ graph, output, gradient }) => graph.add('Div', [gradient, graph.scale(output, 2)]));

/** −y² */
export const reciprocal = smooth(({ graph, output }) => graph.add('Neg', [graph.add('Mul', [output, output])]));

export const sin = smooth(({ graph }, x) => graph.add('Cos', [x]));

export const cos = smooth(({ graph }, x) => graph.add('Neg', [graph.add('Sin', [x])]));
