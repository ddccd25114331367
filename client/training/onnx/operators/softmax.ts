/** Softmax and LogSoftmax along one axis. */
import { integerAttribute } from '../node.ts';
import { axisOf, type BackwardContext, type Operator } from './operator.ts';

function sumOverAxis(context: BackwardContext, value: string): string {
  const { graph, node, shapes } = context;
  const axis = axisOf(node, integerAttribute(node, 'axis', -1), shapes[0]!.length);
  return graph.add('ReduceSum', [value, graph.integers([axis])], { keepdims: 1 });
}

/** y · (g − Σ g·y) */
export const softmax: Operator = {
  inferShape: ({ shapes }) => shapes[0]!,
  backward(context) {
    const { graph, output, gradient } = context;
    const mean = sumOverAxis(context, graph.add('Mul', [gradient, output]));
    return [graph.add('Mul', [output, graph.add('Sub', [gradient, mean])])];
  },
};

/** g − exp(y) · Σ g */
export const logSoftmax: Operator = {
  inferShape: ({ shapes }) => shapes[0]!,
  backward(context) {
    const { graph, output, gradient } = context;
    const probabilities = graph.add('Exp', [output]);
    return [graph.add('Sub', [gradient, graph.add('Mul', [probabilities, sumOverAxis(context, gradient)])])];
  },
};
