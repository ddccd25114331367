/** The loss of a batch and its gradient in closed form. */
import type { Loss } from '../engine.ts';
import type { GraphBuilder } from './graph.ts';
import { floatTensor } from './tensor.ts';

export interface LossInputs {
  /** [batch, classes] */
  logits: string;
  /** Class indices [batch] of type int32, or targets [batch, classes]. */
  targets: string;
  /** Each sample's weight in the mean: [batch, 1]. */
  weights: string;
  classes: number;
  /** What the gradient is multiplied by. */
  scale: number;
}

export interface LossOutputs {
  /** Weighted sum over the samples: a scalar. */
  loss: string;
  /** scale · ∂loss/∂logits: [batch, classes] */
  gradient: string;
}

type LossBuilder = (graph: GraphBuilder, inputs: LossInputs) => LossOutputs;

function total(graph: GraphBuilder, terms: string, weights: string, scale: number): string {
  return graph.scale(graph.add('ReduceSum', [graph.add('Mul', [terms, weights])], { keepdims: 0 }), scale);
}

/** −log softmax(logits)[label]; its gradient is softmax(logits) − one-hot(label). */
const softmaxCrossEntropy: LossBuilder = (graph, { logits, targets, weights, classes, scale }) => {
  const logProbabilities = graph.add('LogSoftmax', [logits], { axis: -1 });
  const depth = graph.constant({ type: 'int32', shape: [1], data: Float64Array.of(classes) });
  const labels = graph.add('OneHot', [targets, depth, graph.constant(floatTensor([2], [0, 1]))]);
  const error = graph.add('Sub', [graph.add('Exp', [logProbabilities]), labels]);
  return {
    loss: total(graph, graph.add('Mul', [logProbabilities, labels]), weights, -1),
    gradient: graph.add('Mul', [error, graph.scale(weights, scale)]),
  };
};

/** Mean over the outputs of (output − target)². */
const squaredError: LossBuilder = (graph, { logits, targets, weights, classes, scale }) => {
  const error = graph.add('Sub', [logits, targets]);
  return {
    loss: total(graph, graph.add('Mul', [error, error]), weights, 1 / classes),
    gradient: graph.add('Mul', [error, graph.scale(weights, (2 * scale) / classes)]),
  };
};

export const losses: Record<Loss, LossBuilder> = { softmaxCrossEntropy, squaredError };
