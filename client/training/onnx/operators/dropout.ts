/**
 * Dropout (Srivastava et al., https://jmlr.org/papers/v15/srivastava14a.html), inverted: what is kept is divided by the
 * probability of keeping. The mask comes from the training loop, so that the seed decides it, not the runtime.
 */
import { createNode, floatAttribute } from '../node.ts';
import { type NodeContext, type Operator, unsupported } from './operator.ts';

/** The ratio is an attribute before opset 12, an input since. */
function keepProbability({ node, constant }: NodeContext): number {
  const ratio = node.input?.[1] ? constant(1)?.[0] : floatAttribute(node, 'ratio', 0.5);
  if (ratio === undefined || !(ratio >= 0 && ratio < 1)) throw unsupported(node, 'a ratio outside [0, 1)');
  return 1 - ratio;
}

export const dropout: Operator = {
  differentiable: [0],
  inferShape(context) {
    keepProbability(context);
    return context.shapes[0]!;
  },
  forward(context) {
    const { graph, inputs, output, outputShape, loop } = context;
    const keep = keepProbability(context);
    graph.append(createNode('Mul', [loop.mask(outputShape, keep), graph.scalar(1 / keep)], [`${output}/mask`]));
    graph.append(createNode('Mul', [inputs[0]!, `${output}/mask`], [output]));
  },
  backward: ({ graph, output, gradient }) => [graph.add('Mul', [gradient, `${output}/mask`])],
};
