/** The loss of a batch and its gradient in closed form, without a logarithm of 0 or an overflowing power for any logit. */
import type { Loss, TrainingPlan } from '../engine.ts';
import type { GraphBuilder } from './graph.ts';
import { floatTensor } from './tensor.ts';

export interface LossInputs {
  /** What the model puts out: [batch, outputs] */
  outputs: string;
  /** Class indices [batch] of type int32, or targets [batch, classes]. */
  targets: string;
  /** Each sample's weight in the mean: [batch, 1]. */
  weights: string;
  classes: number;
  plan: Pick<TrainingPlan, 'huberDelta' | 'classWeights' | 'labelSmoothing'>;
  /** What the gradient is multiplied by. */
  scale: number;
}

export interface LossOutputs {
  /** Weighted sum over the samples: a scalar. */
  loss: string;
  /** scale · ∂loss/∂outputs: [batch, outputs] */
  gradient: string;
}

type LossBuilder = (graph: GraphBuilder, inputs: LossInputs) => LossOutputs;

function total(graph: GraphBuilder, terms: string, weights: string, scale: number): string {
  return graph.scale(graph.add('ReduceSum', [graph.add('Mul', [terms, weights])], { keepdims: 0 }), scale);
}

/** Each sample's weight times that of its class: [batch, 1] */
function withClassWeights(graph: GraphBuilder, { targets, weights, plan }: LossInputs): string {
  if (plan.classWeights === undefined) return weights;
  const byClass = graph.constant(floatTensor([plan.classWeights.length, 1], plan.classWeights));
  return graph.add('Mul', [weights, graph.add('Gather', [byClass, targets], { axis: 0 })]);
}

/** −Σ q log softmax(logits) with q = (1 − ε)·one-hot + ε/K; its gradient is softmax(logits) − q. */
const softmaxCrossEntropy: LossBuilder = (graph, inputs) => {
  const { outputs, targets, classes, plan, scale } = inputs;
  const weights = withClassWeights(graph, inputs);
  const rest = (plan.labelSmoothing ?? 0) / classes;
  const logProbabilities = graph.add('LogSoftmax', [outputs], { axis: -1 });
  const depth = graph.constant({ type: 'int32', shape: [1], data: Float64Array.of(classes) });
  const chosen = 1 - (plan.labelSmoothing ?? 0) + rest;
  const labels = graph.add('OneHot', [targets, depth, graph.constant(floatTensor([2], [rest, chosen]))]);
  const error = graph.add('Sub', [graph.add('Exp', [logProbabilities]), labels]);
  return {
    loss: total(graph, graph.add('Mul', [logProbabilities, labels]), weights, -1),
    gradient: graph.add('Mul', [error, graph.scale(weights, scale)]),
  };
};

/** softplus(z) − q·z is −q log σ(z) − (1 − q) log(1 − σ(z)); its derivative is σ(z) − q. */
function yesOrNo(graph: GraphBuilder, logits: string, answers: string, smoothing: number) {
  const kept = graph.scale(answers, 1 - smoothing);
  const q = smoothing === 0 ? kept : graph.add('Add', [kept, graph.scalar(smoothing / 2)]);
  return {
    terms: graph.add('Sub', [graph.add('Softplus', [logits]), graph.add('Mul', [q, logits])]),
    error: graph.add('Sub', [graph.add('Sigmoid', [logits]), q]),
  };
}

const binaryCrossEntropy: LossBuilder = (graph, inputs) => {
  const { outputs, targets, plan, scale } = inputs;
  const weights = withClassWeights(graph, inputs);
  const answers = graph.add('Reshape', [graph.add('Cast', [targets], { to: 1 }), graph.integers([-1, 1])]);
  const { terms, error } = yesOrNo(graph, outputs, answers, plan.labelSmoothing ?? 0);
  return {
    loss: total(graph, terms, weights, 1),
    gradient: graph.add('Mul', [error, graph.scale(weights, scale)]),
  };
};

/** Mean over the questions, each times its weight. */
const multiLabelCrossEntropy: LossBuilder = (graph, { outputs, targets, weights, classes, plan, scale }) => {
  const { terms, error } = yesOrNo(graph, outputs, targets, plan.labelSmoothing ?? 0);
  const byQuestion = (value: string) =>
    plan.classWeights === undefined
      ? value
      : graph.add('Mul', [value, graph.constant(floatTensor([1, classes], plan.classWeights))]);
  return {
    loss: total(graph, byQuestion(terms), weights, 1 / classes),
    gradient: graph.add('Mul', [byQuestion(error), graph.scale(weights, scale / classes)]),
  };
};

/** The mean over the outputs of a function of output − target, given with its derivative. */
function errorOfNumbers(
  terms: (graph: GraphBuilder, error: string, inputs: LossInputs) => { value: string; slope: string; factor: number },
): LossBuilder {
  return (graph, inputs) => {
    const { outputs, targets, weights, classes, scale } = inputs;
    const { value, slope, factor } = terms(graph, graph.add('Sub', [outputs, targets]), inputs);
    return {
      loss: total(graph, value, weights, 1 / classes),
      gradient: graph.add('Mul', [slope, graph.scale(weights, (factor * scale) / classes)]),
    };
  };
}

const squaredError = errorOfNumbers((graph, error) => ({
  value: graph.add('Mul', [error, error]),
  slope: error,
  factor: 2,
}));

const absoluteError = errorOfNumbers((graph, error) => ({
  value: graph.add('Abs', [error]),
  slope: graph.add('Sign', [error]),
  factor: 1,
}));

/** With a = min(|e|, δ): a·(|e| − a/2), which is ½e² up to δ and δ(|e| − ½δ) beyond (Huber, 1964). */
const huberError = errorOfNumbers((graph, error, { plan }) => {
  const delta = plan.huberDelta ?? 1;
  const size = graph.add('Abs', [error]);
  const near = graph.add('Min', [size, graph.scalar(delta)]);
  return {
    value: graph.add('Mul', [near, graph.add('Sub', [size, graph.scale(near, 0.5)])]),
    slope: graph.add('Clip', [error, graph.scalar(-delta), graph.scalar(delta)]),
    factor: 1,
  };
});

export const losses: Record<Loss, LossBuilder> = {
  softmaxCrossEntropy,
  binaryCrossEntropy,
  multiLabelCrossEntropy,
  squaredError,
  absoluteError,
  huberError,
};
