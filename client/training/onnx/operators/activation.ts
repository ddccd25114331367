/** Activations with corners: one-sided where the derivative jumps, as PyTorch has it. */
import { reduceTo } from '../graph.ts';
import { float, floatAttribute } from '../node.ts';
import { broadcast } from './arithmetic.ts';
import type { BackwardContext, Operator } from './operator.ts';
import { smooth, unary } from './unary.ts';

export const identity = unary(({ gradient }) => gradient);

/** The subgradient at zero is zero. */
export const relu = unary(({ graph, output, gradient }) => {
  const sign = graph.add('Sign', [output]);
  return graph.add('Mul', [gradient, sign]);
});

function isNegative({ graph, inputs }: BackwardContext): string {
  return graph.add('Less', [inputs[0]!, graph.scalar(0)]);
}

export const leakyRelu = unary((context) => {
  const { graph, node, gradient } = context;
  const slope = floatAttribute(node, 'alpha', Math.fround(0.01));
  return graph.add('Where', [isNegative(context), graph.scale(gradient, slope), gradient]);
});

/** Below zero y = α(eˣ − 1), so that its derivative is y + α. */
export const elu = unary((context) => {
  const { graph, node, output, gradient } = context;
  const alpha = graph.scalar(floatAttribute(node, 'alpha', 1));
  const below = graph.add('Mul', [gradient, graph.add('Add', [output, alpha])]);
  return graph.add('Where', [isNegative(context), below, gradient]);
});

/** γ times Elu. */
export const selu = unary((context) => {
  const { graph, node, output, gradient } = context;
  const gamma = floatAttribute(node, 'gamma', 1.0507010221481323);
  const alpha = floatAttribute(node, 'alpha', 1.6732631921768188);
  const below = graph.add('Mul', [gradient, graph.add('Add', [output, graph.scalar(gamma * alpha)])]);
  return graph.add('Where', [isNegative(context), below, graph.scale(gradient, gamma)]);
});

/** Below zero y = α(exp(x/α) − 1), so that its derivative is y/α + 1. */
export const celu = unary((context) => {
  const { graph, node, output, gradient } = context;
  const slope = graph.add('Add', [graph.scale(output, 1 / floatAttribute(node, 'alpha', 1)), graph.scalar(1)]);
  return graph.add('Where', [isNegative(context), graph.add('Mul', [gradient, slope]), gradient]);
});

/** Where x is clipped, nothing flows; at the limits it does. */
export const clip = unary(
  ({ graph, inputs, output, gradient }) => {
    const isKept = graph.add('Equal', [inputs[0]!, output]);
    return graph.add('Where', [isKept, gradient, graph.scalar(0)]);
  },
  ({ graph, node, inputs, output }) => {
    const limit = (place: number, name: string, none: number) =>
      inputs[place] || graph.scalar(floatAttribute(node, name, none)); // an attribute before opset 11
    const limits = [limit(1, 'min', Number.NEGATIVE_INFINITY), limit(2, 'max', Number.POSITIVE_INFINITY)];
    graph.addNamed('Clip', [inputs[0]!, ...limits], [output]);
  },
);

/** αx + β between 0 and 1. */
export const hardSigmoid = smooth(({ graph, node, output }) => {
  const isBetween = graph.add('And', [
    graph.add('Greater', [output, graph.scalar(0)]),
    graph.add('Less', [output, graph.scalar(1)]),
  ]);
  const slope = floatAttribute(node, 'alpha', Math.fround(0.2));
  return graph.add('Where', [isBetween, graph.scalar(slope), graph.scalar(0)]);
});

/** x · HardSigmoid(x) with α = 1/6 and β = 1/2. */
export const hardSwish = smooth(({ graph }, x) => {
  const gate = graph.add('HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) });
  const isBetween = graph.add('Less', [graph.add('Abs', [x]), graph.scalar(3)]);
  const rest = graph.add('Where', [isBetween, graph.scale(x, 1 / 6), graph.scalar(0)]);
  return graph.add('Add', [gate, rest]);
});

export const thresholdedRelu = unary(({ graph, node, inputs, gradient }) => {
  const isAbove = graph.add('Greater', [inputs[0]!, graph.scalar(floatAttribute(node, 'alpha', 1))]);
  return graph.add('Where', [isAbove, gradient, graph.scalar(0)]);
});

/** The slope below zero is a parameter, broadcast to x. */
export const pRelu: Operator = {
  inferShape: ({ node, shapes }) => broadcast(node, shapes[0]!, shapes[1]!),
  backward(context) {
    const { graph, inputs, shapes, outputShape, gradient, wanted } = context;
    const [x, slope] = inputs as [string, string];
    const below = isNegative(context);
    const ofSlope = () => {
      const each = graph.add('Where', [below, graph.add('Mul', [gradient, x]), graph.scalar(0)]);
      return reduceTo(graph, each, outputShape, shapes[1]!);
    };
    return [
      wanted(0) ? graph.add('Where', [below, graph.add('Mul', [gradient, slope]), gradient]) : undefined,
      wanted(1) ? ofSlope() : undefined,
    ];
  },
};
