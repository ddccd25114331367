/** Any number of inputs, broadcast: Max, Min, Sum, Mean. */
import { elementwise } from './arithmetic.ts';
import type { BackwardContext, Operator } from './operator.ts';

/** Equal inputs share the gradient. */
const extremum: Operator = elementwise(({ graph, inputs, output, gradient }: BackwardContext) => {
  const chosen = inputs.map((name) => graph.add('Cast', [graph.add('Equal', [name, output])], { to: 1 }));
  const share = graph.add('Div', [gradient, graph.add('Sum', chosen)]);
  return chosen.map((isChosen) => () => graph.add('Mul', [share, isChosen]));
});

export const max = extremum;
export const min = extremum;

export const sum = elementwise(({ inputs, gradient }) => inputs.map(() => () => gradient));

export const mean = elementwise(({ graph, inputs, gradient }) =>
  inputs.map(() => () => graph.scale(gradient, 1 / inputs.length)),
);
