/** Softmax and LogSoftmax along one axis. */
import { integerAttribute } from '../node.ts';
import type { BackwardContext, NodeContext, Operator } from './operator.ts';

/** Before opset 13 the default axis was 1; for the matrices that classifiers give, both are the last. */
function axisOf({ node, shapes }: NodeContext): number {
  const axis = integerAttribute(node, 'axis', -1);
  return axis < 0 ? axis + shapes[0]!.length : axis;
}

function sumOverAxis(context: BackwardContext, value: string): string {
  return context.graph.add('ReduceSum', [value, context.graph.integers([axisOf(context)])], { keepdims: 1 });
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
