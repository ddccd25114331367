/** Samples as tensors, and the loss of a batch. */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { selectSamples } from '../data/dataset.ts';
import type { Dataset, Loss } from '../engine.ts';
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

/** Mean over the batch: −log softmax(logits)[label], or the mean over the outputs of (output − target)². */
export function lossOf(tf: Tf, loss: Loss, outputs: Tensor, targets: Tensor): Scalar {
  if (loss === 'squaredError') return tf.mean(tf.square(tf.sub(outputs, targets)));
  const oneHot = tf.oneHot(targets as Tensor1D, outputs.shape[1]!).toFloat() as Tensor2D;
  return tf.losses.softmaxCrossEntropy(oneHot, outputs);
}
