/** Softmax and LogSoftmax along one axis. */
import type { Shape } from '../tensor.ts';
import { axisIn, type BackwardContext, type NodeContext, type Operator } from './operator.ts';

function inferShape(context: NodeContext): Shape {
  axisIn(context, -1);
  return context.shapes[0]!;
}

function sumOverAxis(context: BackwardContext, value: string): string {
  const { graph } = context;
  return graph.add('ReduceSum', [value, graph.integers([axisIn(context, -1)])], { keepdims: 1 });
}

/** y · (g − Σ g·y) */
export const softmax: Operator = {
  inferShape,
  backward(context) {
    const { graph, output, gradient } = context;
    const mean = sumOverAxis(context, graph.add('Mul', [gradient, output]));
    return [graph.add('Mul', [output, graph.add('Sub', [gradient, mean])])];
  },
};

/** g − exp(y) · Σ g */
export const logSoftmax: Operator = {
  inferShape,
  backward(context) {
    const { graph, output, gradient } = context;
    const probabilities = graph.add('Exp', [output]);
    return [graph.add('Sub', [gradient, graph.add('Mul', [probabilities, sumOverAxis(context, gradient)])])];
  },
};
