/** CumSum, and Trilu, which keeps one triangle. */
import { integerAttribute } from '../node.ts';
import { type Operator, unsupported } from './operator.ts';

/** An element reaches the sums that come after it: the gradient is summed the other way round. */
export const cumSum: Operator = {
  differentiable: [0],
  inferShape: ({ shapes }) => shapes[0]!,
  backward({ graph, node, inputs, gradient }) {
    const exclusive = integerAttribute(node, 'exclusive', 0);
    const reverse = 1 - integerAttribute(node, 'reverse', 0);
    return [graph.add('CumSum', [gradient, inputs[1]!], { exclusive, reverse })];
  },
};

export const trilu: Operator = {
  differentiable: [0],
  inferShape({ node, shapes, inputs, constant }) {
    if (inputs[1] && constant(1) === undefined) throw unsupported(node, 'a diagonal that depends on the data');
    return shapes[0]!;
  },
  backward: ({ graph, node, inputs, gradient }) => [
    graph.add('Trilu', [gradient, ...inputs.slice(1)], { upper: integerAttribute(node, 'upper', 1) }),
  ],
};
