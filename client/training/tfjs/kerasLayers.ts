/** One layer of Keras' JSON: refused where it would not train alike everywhere, or brought into the form that TensorFlow.js reads. */
import { TributaryError } from '../../core/errors.ts';
import { reshapeClass } from './reshape.ts';

export type Json = Record<string, unknown>;

export interface LayerJson {
  class_name: string;
  name?: string;
  config: Json;
  inbound_nodes?: unknown[];
}

const withWeights = new Set(
  (
    'Dense Embedding Conv1D Conv2D DepthwiseConv2D SeparableConv2D BatchNormalization LayerNormalization ' +
    'SimpleRNN LSTM GRU'
  ).split(' '),
);
const withoutWeights = new Set(
  (
    'InputLayer Activation ReLU LeakyReLU ELU Softmax Flatten Reshape Permute RepeatVector Dropout Rescaling ' +
    'Normalization ZeroPadding2D Cropping2D UpSampling2D MaxPooling1D MaxPooling2D AveragePooling1D ' +
    'AveragePooling2D GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D ' +
    'Add Multiply Average Maximum Minimum Concatenate'
  ).split(' '),
);
/** By their names in Keras; the others do not exist in TensorFlow.js, or compute something else there. */
const activations = new Map(
  'linear relu relu6 sigmoid hard_sigmoid tanh softplus softsign elu selu softmax log_softmax gelu mish swish'
    .split(' ')
    .map((name) => [name, name]),
).set('silu', 'swish');

const isOn = (value: unknown) => value !== undefined && value !== null && value !== false && value !== 0;
const isNotOne = (value: unknown) => [value ?? 1].flat().some((extent) => extent !== 1);

/** Settings that TensorFlow.js passes over, or cannot train. */
const refusals: [className: RegExp, (config: Json) => boolean, problem: string][] = [
  [/./, (config) => isOn(config.activity_regularizer), 'has an activity_regularizer: remove it'],
  [/./, (config) => isOn(config.quantization_config), 'is quantised: save it without quantization_config'],
  [/./, (config) => isOn(config.lora_rank), 'has a LoRA adapter: merge it into the kernel'],
  [
    /RNN|LSTM|GRU/,
    (config) => isOn(config.dropout) || isOn(config.recurrent_dropout),
    'has dropout inside: put a Dropout layer before it',
  ],
  [
    /RNN|LSTM|GRU/,
    (config) => isOn(config.stateful) || isOn(config.go_backwards) || isOn(config.return_state),
    'is stateful, goes backwards or returns its state: turn that off',
  ],
  [
    /GRU/,
    (config) => config.reset_after !== false,
    'has reset_after, which TensorFlow.js does not know: set it to false',
  ],
  [
    /Conv/,
    (config) => isNotOne(config.dilation_rate),
    'is dilated, which TensorFlow.js cannot train: use a dilation_rate of 1',
  ],
  [/Conv/, (config) => isNotOne(config.groups), 'has groups: use 1'],
  [
    /^ReLU/,
    (config) => isOn(config.negative_slope) || isOn(config.threshold),
    'has a slope or threshold: use LeakyReLU',
  ],
  [/^Flatten/, (config) => config.data_format === 'channels_first', 'has its channels first: use channels_last'],
  [/^Global/, (config) => isOn(config.keepdims), 'has keepdims: put a Reshape layer behind it'],
  [/^Embedding/, (config) => isOn(config.mask_zero), 'masks zeros: set mask_zero to false'],
  [/^LayerNorm/, (config) => isOn(config.rms_scaling), 'has rms_scaling: set it to false'],
  [
    /^BatchNorm/,
    (config) => isOn(config.renorm) || isOn(config.virtual_batch_size),
    'has renorm or virtual_batch_size: remove it',
  ],
];

/** What was found while a model was read. */
export interface Reading {
  /** Names of tensors that are no parameters, with the reason. */
  fixed: Map<string, string>;
  /** Paths of the layers whose weights stay as the file has them. */
  frozen: Set<string>;
  /** Paths of the layers and models that compute in training as in inference. */
  inference: string[];
  /** What is not as the file says, with the layers of which that is so. */
  changes: Map<string, string[]>;
}

export function note({ changes }: Reading, what: string, layer: LayerJson): void {
  changes.set(what, [...(changes.get(what) ?? []), nameOf(layer)]);
}

export function nameOf({ name, config, class_name: className }: LayerJson): string {
  return String(config.name ?? name ?? className);
}

/** Errors: OPERATOR_UNSUPPORTED, MODEL_INVALID, naming the layer. */
export function adaptLayer(layer: LayerJson, prefix: string, reading: Reading): void {
  const { class_name: className, config } = layer;
  const name = nameOf(layer);
  if (!withWeights.has(className) && !withoutWeights.has(className)) {
    throw unsupported(layer, 'is not supported here');
  }
  if (config.trainable === false && withWeights.has(className)) reading.frozen.add(`${prefix}${name}`);
  for (const [of, isWrong, problem] of refusals) {
    if (of.test(className) && isWrong(config)) throw unsupported(layer, problem);
  }
  for (const [key, value] of Object.entries(config)) {
    if (key.endsWith('_constraint') && value !== null) throw unsupported(layer, `has a ${key}: remove it`);
    if (key.endsWith('_regularizer') && value !== null) {
      adaptRegularizer(value);
      note(reading, 'regularisers are added to the loss of training, and not to that of evaluation', layer);
    }
    if (key.endsWith('_initializer') && !isConstant(value)) {
      if (!/glorot_?uniform/i.test(kindOf(value)))
        note(reading, `begins as Glorot uniform instead of ${kindOf(value)}`, layer);
      config[key] = { class_name: 'Zeros', config: {} };
    }
    if (key.endsWith('activation')) config[key] = adaptActivation(layer, value);
  }
  if (/^(LSTM|GRU)$/.test(className)) config.recurrent_activation ??= 'sigmoid'; // Keras' own; TensorFlow.js has another
  if (className === 'LeakyReLU') config.alpha ??= config.negative_slope ?? 0.3;
  if (className === 'BatchNormalization') adaptBatchNormalization(config, `${prefix}${name}`, reading);
  if (className === 'Normalization') adaptNormalization(layer);
  if (className === 'Flatten') config.target_shape = [-1];
  if (className === 'Flatten' || className === 'Reshape') layer.class_name = reshapeClass;
  if (className === 'Rescaling' && [config.scale].flat().some((scale) => Math.abs(Number(scale)) < 1 / 50)) {
    note(reading, `multiplies by ${config.scale} what the task's data description has scaled already`, layer);
  }
  if ('batch_shape' in config) config.batch_input_shape ??= config.batch_shape;
  const precision = precisionOf(config.dtype);
  if (!/^(float32|u?int\d+)$/.test(precision)) note(reading, `is trained in float32 instead of ${precision}`, layer);
  config.dtype = 'float32'; // weights of mixed precision are float32 too
}

/** Keras 3 may write a function's name into an object. */
function adaptActivation(layer: LayerJson, value: unknown): string {
  const given = typeof value === 'object' && value !== null ? (value as Json).config : value;
  const name = typeof given === 'string' ? given : 'linear';
  if (name === 'hard_sigmoid' && 'module' in layer) {
    throw unsupported(layer, 'has hard_sigmoid, which Keras 3 and TensorFlow.js compute differently: use sigmoid');
  }
  const known = activations.get(name);
  if (known === undefined || (typeof given !== 'string' && value !== null && value !== undefined)) {
    throw invalid(
      `TensorFlow.js cannot build it (layer "${nameOf(layer)}" has the unknown activation ${JSON.stringify(given)})`,
    );
  }
  return known;
}

/** TensorFlow.js trains it only with gamma and beta: where the layer has none they are ones and zeros that stay. */
function adaptBatchNormalization(config: Json, path: string, { fixed }: Reading): void {
  for (const [setting, tensor] of [
    ['scale', 'gamma'],
    ['center', 'beta'],
  ] as const) {
    if (config[setting] === false) fixed.set(`${path}.${tensor}`, `the layer has no ${setting}`);
    config[setting] = true;
  }
}

/** (x − mean) ÷ √variance as a Rescaling. Errors: MODEL_INVALID where the JSON does not hold them, or the axis is another. */
function adaptNormalization(layer: LayerJson): void {
  const { config } = layer;
  const [axis] = [config.axis ?? -1].flat();
  const numbers = (value: unknown) => [value].flat(9) as number[];
  const [means, variances] = [numbers(config.mean), numbers(config.variance)];
  if (![...means, ...variances].every((value) => typeof value === 'number')) {
    throw invalid(
      `layer "${nameOf(layer)}" (Normalization) was adapted to data, and the JSON does not hold its mean and variance: give them to the layer, or describe the scaling in the task's \`data\``,
    );
  }
  if (axis !== -1) throw unsupported(layer, 'normalises another axis than the last: set axis to -1');
  const deviations = variances.map((variance) => Math.max(Math.sqrt(variance), 1e-7));
  const list = (of: (mean: number, deviation: number) => number) =>
    means.map((mean, channel) => of(mean, deviations[channel] ?? deviations[0]!));
  layer.class_name = 'Rescaling';
  layer.config = {
    ...config,
    scale: list((_, deviation) => (config.invert ? deviation : 1 / deviation)),
    offset: list((mean, deviation) => (config.invert ? mean : -mean / deviation)),
  };
}

/** Keras has L1 and L2 apart, TensorFlow.js both in one. */
function adaptRegularizer(regularizer: unknown): void {
  const { class_name: name, config } = (regularizer ?? {}) as Partial<LayerJson>;
  if (name === 'L1' || name === 'L2')
    Object.assign(regularizer as object, { class_name: 'L1L2', config: { l1: 0, l2: 0, ...config } });
}

function precisionOf(dtype: unknown): string {
  if (typeof dtype === 'string') return dtype;
  return String((dtype as { config?: { name?: string } } | null | undefined)?.config?.name ?? 'float32');
}

function kindOf(initializer: unknown): string {
  return typeof initializer === 'string' ? initializer : String((initializer as LayerJson | null)?.class_name);
}

/** The initializer gives the same values each time. The others are replaced: see `initialParameters`. */
function isConstant(initializer: unknown): boolean {
  return ['zeros', 'ones', 'constant'].includes(kindOf(initializer).toLowerCase());
}

function unsupported(layer: LayerJson, problem: string): TributaryError {
  const className = layer.class_name;
  return new TributaryError('OPERATOR_UNSUPPORTED', `The Keras layer "${nameOf(layer)}" (${className}) ${problem}.`, {
    args: { layer: nameOf(layer), operator: className },
  });
}

export function invalid(problem: string, cause?: unknown): TributaryError {
  return new TributaryError('MODEL_INVALID', `The Keras model cannot be used: ${problem}.`, { cause });
}
