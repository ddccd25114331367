/**
 * Affine layers with ReLU between them. Without hidden layers this is multinomial logistic regression; with two of 200 it is
 * the 2NN of McMahan et al., https://arxiv.org/abs/1602.05629, section 3 (199,210 parameters for MNIST).
 */
import type { TaskShape } from '../engine.ts';
import { elementCount } from '../layout.ts';
import type { InferenceModel } from '../onnx/model.ts';
import { createLayers } from './layers.ts';

export function perceptron({ inputShape, classes }: TaskShape, hidden: readonly number[]): InferenceModel {
  const layers = createLayers();
  const inputs = elementCount(inputShape);
  if (inputShape.length > 1) layers.reshape([inputs]);
  const widths = [inputs, ...hidden];
  widths.forEach((width, place) => {
    if (place > 0) layers.relu();
    layers.dense(width, widths[place + 1] ?? classes);
  });
  return layers.build();
}
