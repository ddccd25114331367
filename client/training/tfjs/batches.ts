/** Samples as tensors, and the loss of a batch. */
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs';
import { selectSamples } from '../data/dataset.ts';
import type { Dataset, TrainingPlan } from '../engine.ts';
import type { Architecture } from './architecture.ts';
import type { Tf } from './tf.ts';

/** [batch, …] as the model takes it, and labels [batch] or targets [batch, outputs]. */
export function batchTensors(
  tf: Tf,
  { inputShape, isTransposed }: Architecture,
  data: Dataset,
  indices: ArrayLike<number>,
): { inputs: Tensor; targets: Tensor } {
  const { features, labels, count, classes } = selectSamples(data, indices);
  const targets =
    labels instanceof Int32Array ? tf.tensor1d(labels, 'int32') : tf.tensor2d(labels, [count, classes], 'float32');
  if (!isTransposed) return { inputs: tf.tensor(features, [count, ...inputShape]), targets };
  const [height, width, channels] = inputShape as [number, number, number];
  return { inputs: tf.tensor4d(features, [count, channels, height, width]).transpose([0, 2, 3, 1]), targets };
}

/** Mean over the batch of the plan's loss; `onnx/losses.ts` has the formulas. */
export function lossOf(tf: Tf, plan: TrainingPlan, outputs: Tensor, targets: Tensor): Scalar {
  const { loss, huberDelta = 1, classWeights, labelSmoothing = 0 } = plan;
  if (loss === 'squaredError') return tf.mean(tf.square(tf.sub(outputs, targets)));
  if (loss === 'absoluteError') return tf.mean(tf.abs(tf.sub(outputs, targets)));
  if (loss === 'huberError') {
    const size = tf.abs(tf.sub(outputs, targets));
    const near = tf.minimum(size, huberDelta);
    return tf.mean(tf.mul(near, tf.sub(size, tf.div(near, 2))));
  }
  if (loss === 'multiLabelCrossEntropy') return tf.mean(weigh(tf, yesOrNo(tf, outputs, targets, plan), classWeights));
  const classes = loss === 'binaryCrossEntropy' ? 2 : outputs.shape[1]!;
  const oneHot = tf.oneHot(targets as Tensor1D, classes).toFloat();
  const terms =
    loss === 'binaryCrossEntropy'
      ? yesOrNo(tf, tf.reshape(outputs, [-1]), targets, plan)
      : crossEntropy(tf, outputs, tf.add(tf.mul(oneHot, 1 - labelSmoothing), labelSmoothing / classes));
  return tf.mean(classWeights ? tf.mul(terms, tf.sum(weigh(tf, oneHot, classWeights), 1)) : terms);
}

function crossEntropy(tf: Tf, logits: Tensor, q: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), q), -1));
}

function weigh(tf: Tf, values: Tensor, weights: readonly number[] | undefined): Tensor {
  return weights ? tf.mul(values, tf.tensor1d([...weights])) : values;
}

function yesOrNo(tf: Tf, logits: Tensor, answers: Tensor, { labelSmoothing = 0 }: TrainingPlan): Tensor {
  const q = tf.add(tf.mul(tf.cast(answers, 'float32'), 1 - labelSmoothing), labelSmoothing / 2);
  return tf.sub(tf.softplus(logits), tf.mul(q, logits));
}
