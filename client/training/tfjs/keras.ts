/**
 * Reads the JSON of a Keras 2, Keras 3 or TensorFlow.js layers model, sequential or functional. Only layers that train the
 * same way on every run are accepted; a softmax at the end is taken off where the loss applies it to logits.
 */
import type { LayersModel } from '@tensorflow/tfjs';
import { TributaryError } from '../../core/errors.ts';
import type { Loss } from '../engine.ts';
import type { Tf } from './tf.ts';

type Json = Record<string, unknown>;

interface LayerJson {
  class_name: string;
  name?: string;
  config: Json;
  inbound_nodes?: unknown[];
}

const layerClasses = new Set(
  (
    'InputLayer Dense Activation ReLU LeakyReLU ELU Softmax Flatten Reshape Permute RepeatVector Dropout Embedding ' +
    'Conv1D Conv2D DepthwiseConv2D SeparableConv2D ZeroPadding2D Cropping2D UpSampling2D MaxPooling1D MaxPooling2D ' +
    'AveragePooling1D AveragePooling2D GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D ' +
    'GlobalMaxPooling2D LayerNormalization Add Multiply Average Maximum Minimum Concatenate SimpleRNN LSTM GRU'
  ).split(' '),
);

/** Errors: MODEL_INVALID, OPERATOR_UNSUPPORTED naming the layer. */
export async function readKerasModel(tf: Tf, text: string, loss: Loss): Promise<LayersModel> {
  const { className, config, layers } = parseTopology(text);
  for (const layer of layers) adaptLayer(layer);
  if (loss === 'softmaxCrossEntropy') removeSoftmax(outputLayer(config, layers));
  const topology = {
    class_name: className,
    config: {
      ...config,
      layers,
      ...('input_layers' in config && { input_layers: asList(config.input_layers) }),
      ...('output_layers' in config && { output_layers: asList(config.output_layers) }),
    },
  };
  try {
    return await tf.models.modelFromJSON(topology as unknown as Parameters<typeof tf.models.modelFromJSON>[0]);
  } catch (cause) {
    throw invalid(`TensorFlow.js cannot build it (${(cause as Error).message.split('\n')[0]})`, cause);
  }
}

function parseTopology(text: string): { className: string; config: Json; layers: LayerJson[] } {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  const topology = (json?.modelTopology ?? json) as Json; // model.json of TensorFlow.js
  const model = (topology?.model_config ?? topology) as Json;
  const config = (Array.isArray(model?.config) ? { layers: model.config } : model?.config) as Json | undefined;
  const layers = config?.layers;
  const isLayer = (layer: LayerJson) => typeof layer?.class_name === 'string' && typeof layer.config === 'object';
  if (!config || !Array.isArray(layers) || layers.length === 0 || !layers.every(isLayer)) {
    throw invalid('it is not what model.to_json() or model.toJSON() give, with a list of layers');
  }
  return { className: model.class_name === 'Sequential' ? 'Sequential' : 'Model', config, layers };
}

/** Refuses what would not train alike everywhere, and brings Keras 3 into the form of Keras 2, which TensorFlow.js reads. */
function adaptLayer(layer: LayerJson): void {
  const { class_name: className, config } = layer;
  const name = String(config.name ?? className);
  if (className === 'BatchNormalization') {
    throw unsupported(name, className, 'keeps running statistics, which cannot be averaged: use LayerNormalization');
  }
  if (!layerClasses.has(className)) throw unsupported(name, className, 'is not supported here');
  if (config.trainable === false) {
    throw invalid(`layer "${name}" is frozen, but the JSON holds no weights for it: set trainable to true`);
  }
  for (const [key, value] of Object.entries(config)) {
    if (key.endsWith('_constraint') && value !== null) throw unsupported(name, className, `has a ${key}: remove it`);
    if (key.endsWith('_regularizer')) adaptRegularizer(value);
    if (key.endsWith('_initializer') && !isConstant(value)) config[key] = { class_name: 'Zeros', config: {} };
  }
  const isRecurrent = ['SimpleRNN', 'LSTM', 'GRU'].includes(className);
  if (isRecurrent && (config.dropout || config.recurrent_dropout)) {
    throw unsupported(name, className, 'has dropout inside: put a Dropout layer before it');
  }
  if ([config.dilation_rate ?? 1].flat().some((rate) => rate !== 1)) {
    throw unsupported(name, className, 'is dilated, which TensorFlow.js cannot train: use a dilation_rate of 1');
  }
  if (Number(config.groups ?? 1) !== 1) throw unsupported(name, className, 'has groups: use 1');
  if (className === 'ReLU' && (config.negative_slope || config.threshold)) {
    throw unsupported(name, className, 'has a slope or threshold: use LeakyReLU');
  }
  if (className === 'LeakyReLU') config.alpha ??= config.negative_slope ?? 0.3;
  if ('batch_shape' in config) config.batch_input_shape ??= config.batch_shape;
  if (typeof config.dtype === 'object') config.dtype = 'float32';
  if (layer.inbound_nodes) {
    layer.inbound_nodes = layer.inbound_nodes.map((node) => (Array.isArray(node) ? node : histories(node)));
  }
}

/** Keras has L1 and L2 apart, TensorFlow.js both in one. */
function adaptRegularizer(regularizer: unknown): void {
  const { class_name: name, config } = (regularizer ?? {}) as Partial<LayerJson>;
  if (name === 'L1' || name === 'L2')
    Object.assign(regularizer as object, { class_name: 'L1L2', config: { l1: 0, l2: 0, ...config } });
}

/** The initializer gives the same values each time. The others are replaced: see `initialParameters`. */
function isConstant(initializer: unknown): boolean {
  const name = typeof initializer === 'string' ? initializer : (initializer as LayerJson | null)?.class_name;
  return ['zeros', 'ones', 'constant'].includes(String(name).toLowerCase());
}

/** Keras 3 names a node's inputs `{args: [{config: {keras_history: [layer, node, tensor]}}]}`, Keras 2 by a list. */
function histories(node: unknown): unknown[] {
  if (Array.isArray(node)) return node.flatMap(histories);
  if (typeof node !== 'object' || node === null) return [];
  const { args, config } = node as { args?: unknown; config?: { keras_history?: unknown[] } };
  return config?.keras_history ? [[...config.keras_history, {}]] : histories(args);
}

/** Keras 3 names a single end without the outer list. */
function asList(ends: unknown): unknown {
  return Array.isArray(ends) && typeof ends[0] === 'string' ? [ends] : ends;
}

function outputLayer(config: Json, layers: LayerJson[]): LayerJson {
  const [end] = (asList(config.output_layers) ?? []) as [string, ...unknown[]][];
  return layers.find((layer) => end !== undefined && (layer.name ?? layer.config.name) === end[0]) ?? layers.at(-1)!;
}

function removeSoftmax(layer: LayerJson): void {
  if (layer.class_name === 'Softmax') layer.class_name = 'Activation';
  else if (layer.config.activation !== 'softmax') return;
  layer.config.activation = 'linear';
}

function unsupported(name: string, className: string, problem: string): TributaryError {
  return new TributaryError('OPERATOR_UNSUPPORTED', `The Keras layer "${name}" (${className}) ${problem}.`, {
    args: { layer: name, operator: className },
  });
}

function invalid(problem: string, cause?: unknown): TributaryError {
  return new TributaryError('MODEL_INVALID', `The Keras model cannot be used: ${problem}.`, { cause });
}
