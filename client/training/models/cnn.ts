/**
 * The CNN of McMahan et al., https://arxiv.org/abs/1602.05629, section 3: two 5×5 convolutions (32 and 64 channels), each
 * followed by 2×2 max pooling, a layer of 512 units with ReLU, and the output: 1,663,370 parameters for 28×28. ReLU also
 * follows each convolution, as in the authors' implementation; after the pooling it gives the same at a quarter of the work.
 */
import { TributaryError } from '../../core/errors.ts';
import type { TaskShape } from '../engine.ts';
import type { InferenceModel } from '../onnx/model.ts';
import { createLayers } from './layers.ts';

/** [channels, height, width] of one sample; a flat one is taken as a square grey image. Errors: MODEL_MISMATCH. */
export function imageShape(inputShape: readonly number[]): [number, number, number] {
  const [first = 0, second = 0, third = 0] = inputShape;
  const side = Math.sqrt(first);
  const shape: [number, number, number] =
    inputShape.length === 1 ? [1, side, side] : inputShape.length === 2 ? [1, first, second] : [first, second, third];
  if (inputShape.length > 3 || !shape.every(Number.isInteger) || Math.min(shape[1], shape[2]) < 4) {
    throw new TributaryError(
      'MODEL_MISMATCH',
      `The CNN wants images of at least 4×4 (channels, height, width), but the task's samples have shape [${inputShape}].`,
    );
  }
  return shape;
}

export function cnn({ inputShape, classes }: TaskShape): InferenceModel {
  const [channels, height, width] = imageShape(inputShape);
  const layers = createLayers();
  if (inputShape.length !== 3) layers.reshape([channels, height, width]);
  layers.convolution(channels, 32, 5);
  layers.maxPool();
  layers.relu();
  layers.convolution(32, 64, 5);
  layers.maxPool();
  layers.relu();
  const features = 64 * Math.floor(Math.floor(height / 2) / 2) * Math.floor(Math.floor(width / 2) / 2);
  layers.reshape([features]);
  layers.dense(features, 512);
  layers.relu();
  layers.dense(512, classes);
  return layers.build();
}
