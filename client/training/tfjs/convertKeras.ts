/**
 * A sequential Keras model as ONNX nodes. Images are channels last in Keras and channels first in ONNX: they are turned
 * where a layer mixes places and channels (Flatten, Reshape, Permute) and at the ends.
 */
import type { SymbolicTensor, layers as tfLayers } from '@tensorflow/tfjs';
import { TributaryError } from '../../core/errors.ts';
import { type InferenceModel, opset } from '../onnx/model.ts';
import { type Attributes, createNode, float } from '../onnx/node.ts';
import type { NodeProto } from '../onnx/proto.ts';
import { type ConstantTensor, integerTensor } from '../onnx/tensor.ts';
import type { Architecture } from './architecture.ts';

type Layer = ReturnType<typeof tfLayers.dense>;
type Config = Record<string, unknown>;

const activations: Record<string, readonly [opType: string, attributes?: Attributes]> = {
  relu: ['Relu'],
  sigmoid: ['Sigmoid'],
  tanh: ['Tanh'],
  softplus: ['Softplus'],
  softsign: ['Softsign'],
  elu: ['Elu', { alpha: float(1) }],
  selu: ['Selu'],
  softmax: ['Softmax', { axis: -1 }],
};

/** Weights are named as in the layout, and left to the caller. Errors: OPERATOR_UNSUPPORTED. */
export function convertKeras(
  { model, inputShape, isTransposed }: Architecture,
  taskShape: readonly number[],
): InferenceModel {
  const nodes: NodeProto[] = [];
  const initializers = new Map<string, ConstantTensor>();
  let value = 'input';

  const add = (opType: string, others: readonly string[] = [], attributes: Attributes = {}) => {
    const output = `${opType.toLowerCase()}${nodes.length + 1}`;
    nodes.push(createNode(opType, [value, ...others], [output], attributes));
    value = output;
  };
  const reshape = (shape: readonly number[]) => {
    const name = `shape${nodes.length + 1}`;
    initializers.set(name, integerTensor([shape.length + 1], [-1, ...shape]));
    add('Reshape', [name]);
  };
  const toChannelsFirst = (shape: readonly unknown[]) => {
    if (shape.length === 3) add('Transpose', [], { perm: [0, 3, 1, 2] });
  };
  const toChannelsLast = (shape: readonly unknown[]) => {
    if (shape.length === 3) add('Transpose', [], { perm: [0, 2, 3, 1] });
  };
  const activate = (layer: Layer, name: string) => {
    if (name === 'linear') return;
    const activation = activations[name];
    const isOverChannels = name === 'softmax' && layer.outputShape.length > 2;
    if (activation === undefined || isOverChannels) throw unsupported(layer, `the activation ${name}`);
    add(activation[0], [], activation[1]);
  };

  const converters: Record<string, (layer: Layer, config: Config) => void> = {
    InputLayer: () => undefined,
    Dropout: () => undefined,
    Dense(layer, config) {
      if (layer.outputShape.length !== 2) throw unsupported(layer, 'inputs of more than one axis');
      add('Gemm', parameterNames(layer, config));
      activate(layer, String(config.activation));
    },
    Conv2D(layer, config) {
      add('Conv', parameterNames(layer, config), window(layer, config, 'kernelSize'));
      activate(layer, String(config.activation));
    },
    MaxPooling2D: (layer, config) => add('MaxPool', [], window(layer, config, 'poolSize')),
    AveragePooling2D: (layer, config) => add('AveragePool', [], window(layer, config, 'poolSize')),
    GlobalAveragePooling2D(layer, config) {
      window(layer, config);
      add('GlobalAveragePool');
      add('Flatten');
    },
    GlobalMaxPooling2D(layer, config) {
      window(layer, config);
      add('GlobalMaxPool');
      add('Flatten');
    },
    Activation: (layer, config) => activate(layer, String(config.activation)),
    ReLU(layer, config) {
      if (config.maxValue != null) throw unsupported(layer, 'a largest value');
      add('Relu');
    },
    LeakyReLU: (_, config) => add('LeakyRelu', [], { alpha: float(Number(config.alpha ?? 0.3)) }),
    Softmax: (layer) => activate(layer, 'softmax'),
    Flatten(layer, config) {
      if (config.dataFormat === 'channelsFirst') throw unsupported(layer, 'channels first');
      toChannelsLast(sampleShape((layer.input as SymbolicTensor).shape));
      reshape(sampleShape(layer.outputShape));
    },
    Reshape(layer) {
      toChannelsLast(sampleShape((layer.input as SymbolicTensor).shape));
      reshape(sampleShape(layer.outputShape));
      toChannelsFirst(sampleShape(layer.outputShape));
    },
  };

  if (!isTransposed) {
    if (taskShape.length !== inputShape.length) reshape(inputShape);
    toChannelsFirst(inputShape);
  }
  for (const [place, layer] of model.layers.entries()) {
    const previous = model.layers[place - 1];
    const convert = converters[layer.getClassName()];
    if (convert === undefined) throw unsupported(layer as Layer, 'no conversion');
    if (previous && layer.input !== previous.output) throw unsupported(layer as Layer, 'branches');
    convert(layer as Layer, layer.getConfig() as Config);
  }
  const last = nodes.pop();
  if (last === undefined)
    throw new TributaryError('MODEL_INVALID', 'The Keras model computes nothing: add a Dense layer.');
  return { input: 'input', output: 'logits', nodes: [...nodes, { ...last, output: ['logits'] }], initializers, opset };
}

function parameterNames({ name }: Layer, config: Config): string[] {
  return config.useBias === false ? [`${name}.weight`] : [`${name}.weight`, `${name}.bias`];
}

function window(layer: Layer, config: Config, size?: 'kernelSize' | 'poolSize'): Attributes {
  if (config.dataFormat === 'channelsFirst') throw unsupported(layer, 'channels first');
  return {
    ...(size && { kernel_shape: config[size] as number[], strides: config.strides as number[] }),
    ...(config.padding === 'same' && { auto_pad: 'SAME_UPPER' }),
  };
}

function sampleShape(shape: unknown): number[] {
  return (shape as number[]).slice(1);
}

function unsupported(layer: Layer, what: string): TributaryError {
  const className = layer.getClassName();
  return new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `The Keras layer "${layer.name}" (${className}) cannot be exported to ONNX: ${what}. Training it works.`,
    { args: { layer: layer.name, operator: className } },
  );
}
