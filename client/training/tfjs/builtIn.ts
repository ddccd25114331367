/** The standard models as layers models, with the functions and the parameters that `models/` has as ONNX. */
import type { Sequential } from '@tensorflow/tfjs';
import type { ModelDefinition } from '../engine.ts';
import { elementCount } from '../layout.ts';
import { imageShape } from '../models/cnn.ts';
import type { Tf } from './tf.ts';

type BuiltIn = Extract<ModelDefinition, { kind: 'logistic' | '2nn' | 'cnn' }>;

/** Errors: MODEL_MISMATCH for a cnn on samples that are no images. */
export function createBuiltIn(tf: Tf, { kind, inputShape, classes }: BuiltIn): Sequential {
  const layers: Parameters<Sequential['add']>[0][] = [];
  let inputs: { inputShape: number[] } | undefined;
  let places = 0;
  const settings = () => {
    const given = { name: `layer${++places}`, kernelInitializer: 'zeros' as const, ...inputs };
    inputs = undefined;
    return given;
  };
  const dense = (units: number, activation: 'relu' | 'linear') =>
    layers.push(tf.layers.dense({ ...settings(), units, activation }));
  const convolution = (filters: number) => {
    const kernel = { filters, kernelSize: 5, padding: 'same', activation: 'relu' } as const;
    layers.push(tf.layers.conv2d({ ...settings(), ...kernel }), tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  };

  if (kind === 'cnn') {
    const [channels, height, width] = imageShape(inputShape);
    inputs = { inputShape: [height, width, channels] };
    convolution(32);
    convolution(64);
    layers.push(tf.layers.permute({ dims: [3, 1, 2] }), tf.layers.flatten()); // ONNX flattens channels first
    dense(512, 'relu');
  } else {
    inputs = { inputShape: [elementCount(inputShape)] };
    if (kind === '2nn') for (let hidden = 0; hidden < 2; hidden++) dense(200, 'relu');
  }
  dense(classes, 'linear');
  return tf.sequential({ layers });
}
