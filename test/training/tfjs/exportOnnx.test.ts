import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Engine, ModelDefinition } from '../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { createArchitecture } from '../../../client/training/tfjs/architecture.ts';
import { createTfjsEngine } from '../../../client/training/tfjs/engine.ts';
import { exportModel } from '../../../client/training/tfjs/export/exportOnnx.ts';
import { loadTensorflow } from '../../../client/training/tfjs/tensorflow.ts';
import { createWeights } from '../../../client/training/tfjs/weights.ts';
import { expectRejection } from '../data/rejection.ts';
import { createPlan } from '../plan.ts';
import { createSamples, largestDifference } from './samples.ts';

/** Class_name and configuration of each layer. */
type Layers = [string, Record<string, unknown>?][];

function keras(layers: Layers, wanted: readonly number[], inputShape: readonly number[]): ModelDefinition {
  const json = JSON.stringify({
    class_name: 'Sequential',
    config: {
      layers: layers.map(([className, config], place) => ({
        class_name: className,
        config: { name: `l${place}`, ...(place === 0 && { batch_input_shape: [null, ...wanted] }), ...config },
      })),
    },
  });
  return { kind: 'keras', json, inputShape, classes: 3 };
}

const head: Layers = [['Flatten'], ['Dropout', { rate: 0.5 }], ['Dense', { units: 3, activation: 'softmax' }]];
const conv = { filters: 3, kernel_size: [3, 2], padding: 'same', activation: 'relu' };
const shape = [2, 5, 6];
const models: [string, ModelDefinition][] = [
  ['logistic', { kind: 'logistic', inputShape: [2, 3], classes: 3 }],
  ['cnn', { kind: 'cnn', inputShape: [2, 6, 5], classes: 3 }],
  [
    'Keras dense layers',
    keras(
      [
        ['Dense', { units: 4, activation: 'elu' }],
        ['Dense', { units: 4, use_bias: false }],
        ['LeakyReLU'],
        ['Dense', { units: 3 }],
      ],
      [6],
      [6],
    ),
  ],
  [
    'Keras convolutions',
    keras([['Conv2D', conv], ['MaxPooling2D'], ['Activation', { activation: 'tanh' }], ...head], [5, 6, 2], shape),
  ],
  [
    'average pooling over an edge',
    keras(
      [['Conv2D', { ...conv, strides: 2, padding: 'valid' }], ['AveragePooling2D', { padding: 'same' }], ...head],
      [5, 6, 2],
      shape,
    ),
  ],
  [
    'samples of another shape',
    keras([['Conv2D', conv], ['GlobalAveragePooling2D'], ['Dense', { units: 3 }]], [4, 4, 1], [16]),
  ],
  [
    'samples that are channels last already',
    keras(
      [
        ['Reshape', { target_shape: [5, 4, 3] }],
        ['Conv2D', conv],
        ['GlobalMaxPooling2D'],
        ['ReLU'],
        ['Dense', { units: 3 }],
      ],
      [5, 6, 2],
      [5, 6, 2],
    ),
  ],
];

describe('a model of TensorFlow.js exported to ONNX', () => {
  let engine: Engine;
  before(async () => {
    engine = await createTfjsEngine();
  });

  for (const [name, definition] of models) {
    it(`computes the same logits: ${name}`, async () => {
      const model = await engine.compile(definition, createPlan());
      const data = createSamples(3, definition.inputShape, 3);
      const parameters = model.initialParameters('a').map((value, i) => value + 0.01 * (i % 7));
      const session = await InferenceSession.create(model.exportOnnx(parameters));
      const { logits } = await session.run({ input: new Tensor(data.features, [3, ...definition.inputShape]) });
      const { loss } = await model.evaluate(parameters, data);
      const rows = Array.from({ length: 3 }, (_, i) =>
        Array.from(logits!.data.slice(3 * i, 3 * i + 3) as Float32Array),
      );
      const expected = rows.map(
        (row, i) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[data.labels[i]!]!,
      );
      expect(loss).to.be.closeTo(expected.reduce((a, b) => a + b) / 3, 1e-5);
      expect(Math.max(...rows.flat()) - Math.min(...rows.flat())).to.be.above(0.01);
      await session.release();
      await model.dispose();
    });
  }

  for (const [name, strides, padding] of [
    ['convolutions', 1, 'same'],
    ['strided convolutions', 2, 'valid'],
    ['strided convolutions over an edge', 2, 'same'],
  ] as const) {
    it(`trains alike with ONNX Runtime: ${name}`, async () => {
      const first = { ...conv, kernel_size: 2 };
      const second = { ...conv, filters: 2, strides, padding };
      const layers: Layers = [['Conv2D', first], ['Conv2D', second], ['Flatten'], ['Dense', { units: 3 }]];
      const model = await engine.compile(keras(layers, [5, 6, 2], shape), createPlan());
      const data = createSamples(6, shape, 3);
      const start = model.initialParameters('a');
      const bytes = model.exportOnnx(start);
      const other = await createOnnxEngine().compile(
        { kind: 'onnx', bytes, inputShape: shape, classes: 3 },
        createPlan(),
      );
      expect(other.initialParameters('a')).to.deep.equal(start);
      const ours = await model.trainLocally(start, data, { seed: 'b' });
      const theirs = await other.trainLocally(start, data, { seed: 'b' });
      expect(largestDifference(ours.parameters, theirs.parameters)).to.be.below(1e-6);
      expect(largestDifference(ours.parameters, start)).to.be.above(1e-3);
      await Promise.all([model.dispose(), other.dispose()]);
    });
  }

  it('is refused before it is trained where a layer has no conversion, and the layer is named', async () => {
    const refused: [Layers, RegExp][] = [
      [
        [['LSTM', { units: 4, recurrent_activation: 'tanh' }]],
        /layer "l1" \(LSTM\) cannot .* recurrent_activation sigmoid/,
      ],
      [[['Conv1D', { filters: 2, kernel_size: 2, padding: 'causal' }]], /layer "l1" \(Conv1D\) cannot .* causal/],
      [[['Softmax', { axis: 1 }]], /layer "l1" \(Softmax\) .* axis must be the last/],
      [[['LayerNormalization', { axis: 1 }]], /layer "l1" \(LayerNormalization\) .* axis must be the last/],
      [[['BatchNormalization', { axis: 1 }]], /layer "l1" \(BatchNormalization\) .* axis must be the last/],
    ];
    for (const [layers, message] of refused) {
      const all: Layers = [['Reshape', { target_shape: [3, 2] }], ...layers, ['Flatten'], ['Dense', { units: 3 }]];
      const flat = layers[0]![0] === 'LSTM' ? all.filter(([name]) => name !== 'Flatten') : all;
      await expectRejection(() => engine.compile(keras(flat, [6], [6]), createPlan()), 'OPERATOR_UNSUPPORTED', message);
    }
  });
});

describe('a Keras layer with its channels first', () => {
  const layers: Layers = [
    ['Conv2D', { filters: 2, kernel_size: 1 }],
    ['MaxPooling2D', { pool_size: 1 }],
    ['GlobalAveragePooling2D'],
    ['ZeroPadding2D'],
    ['Cropping2D', { cropping: 0 }],
    ['UpSampling2D'],
  ];
  for (const [name, config] of layers) {
    it(`is refused: ${name}`, async () => {
      const engine = await createTfjsEngine();
      const layer: Layers[number] = [name, { ...config, data_format: 'channels_first' }];
      const all: Layers = [['Reshape', { target_shape: [2, 3, 1] }], layer, ['Flatten'], ['Dense', { units: 3 }]];
      const compile = () => engine.compile(keras(all, [6], [6]), createPlan());
      await expectRejection(compile, 'OPERATOR_UNSUPPORTED', new RegExp(`"l1" \\(${name}\\) .* its channels first`));
    });
  }
});

describe('each Keras layer exported to ONNX', () => {
  const image = [4, 6, 2];
  const steps = [5, 4];
  const conv2 = { filters: 3, kernel_size: [3, 2], padding: 'same' };
  const activations = 'relu relu6 sigmoid tanh softplus softsign elu selu softmax log_softmax gelu mish swish silu';
  const cases: [string, number[], Layers][] = [
    ...activations
      .split(' ')
      .map((activation): [string, number[], Layers] => [
        `activation ${activation}`,
        [6],
        [['Dense', { units: 5, activation }]],
      ]),
    ['hard_sigmoid of Keras 2', [6], [['Activation', { activation: 'hard_sigmoid' }]]],
    ['Dense over steps', steps, [['Dense', { units: 3, activation: 'tanh' }]]],
    ['Dense over steps without bias', steps, [['Dense', { units: 3, use_bias: false }]]],
    ['ReLU with a largest value', [6], [['ReLU', { max_value: 0.5 }]]],
    ['ELU', [6], [['ELU', { alpha: 1 }]]],
    ['LeakyReLU of Keras 3', [6], [['LeakyReLU', { negative_slope: 0.1 }]]],
    ['Softmax over the last axis', steps, [['Softmax', { axis: 2 }]]],
    ['Permute', image, [['Permute', { dims: [3, 1, 2] }]]],
    ['RepeatVector', [4], [['RepeatVector', { n: 3 }]]],
    ['Reshape and Flatten of images', image, [['Reshape', { target_shape: [2, 4, 6] }], ['Flatten']]],
    ['Rescaling', image, [['Rescaling', { scale: 0.25, offset: -1 }]]],
    ['Rescaling by channel', image, [['Rescaling', { scale: [0.25, 2], offset: [-1, 3] }]]],
    ['Normalization', [3], [['Normalization', { axis: -1, mean: [1, 2, 3], variance: [4, 9, 0.25] }]]],
    [
      'Normalization of images',
      image,
      [['Normalization', { axis: [-1], mean: [[[[1, -2]]]], variance: [[[[4, 9]]]] }]],
    ],
    ['Normalization inverted', [2], [['Normalization', { axis: null, invert: true, mean: 3, variance: 4 }]]],
    ['BatchNormalization', [6], [['BatchNormalization', { epsilon: 0.01 }]]],
    ['BatchNormalization of images', image, [['Conv2D', conv2], ['BatchNormalization', { axis: [3] }], ['ReLU']]],
    ['BatchNormalization without scale and center', [6], [['BatchNormalization', { scale: false, center: false }]]],
    ['LayerNormalization', steps, [['LayerNormalization', { epsilon: 0.1 }]]],
    ['LayerNormalization without scale and center', steps, [['LayerNormalization', { scale: false, center: false }]]],
    [
      'Embedding',
      [5],
      [
        ['Rescaling', { scale: 0, offset: 2 }],
        ['Embedding', { input_dim: 4, output_dim: 3 }],
      ],
    ],
    ['Conv1D', steps, [['Conv1D', { filters: 3, kernel_size: 2, strides: 2, padding: 'same', activation: 'softmax' }]]],
    ['Conv2D with a softmax over channels', image, [['Conv2D', { ...conv2, activation: 'softmax' }]]],
    ['DepthwiseConv2D', image, [['DepthwiseConv2D', { kernel_size: 3, depth_multiplier: 2, padding: 'same' }]]],
    ['SeparableConv2D', image, [['SeparableConv2D', { ...conv2, depth_multiplier: 2, activation: 'relu' }]]],
    ['MaxPooling1D', steps, [['MaxPooling1D', { pool_size: 2, padding: 'same' }]]],
    ['AveragePooling1D', steps, [['AveragePooling1D', { pool_size: 3, strides: 1 }]]],
    ['AveragePooling2D', image, [['AveragePooling2D', { pool_size: [3, 2], padding: 'same' }]]],
    ['GlobalAveragePooling1D', steps, [['GlobalAveragePooling1D']]],
    ['GlobalMaxPooling1D', steps, [['GlobalMaxPooling1D']]],
    ['GlobalAveragePooling2D', image, [['GlobalAveragePooling2D']]],
    ['GlobalMaxPooling2D', image, [['GlobalMaxPooling2D']]],
    [
      'ZeroPadding2D',
      image,
      [
        [
          'ZeroPadding2D',
          {
            padding: [
              [1, 2],
              [0, 3],
            ],
          },
        ],
      ],
    ],
    [
      'Cropping2D',
      image,
      [
        [
          'Cropping2D',
          {
            cropping: [
              [1, 0],
              [2, 1],
            ],
          },
        ],
      ],
    ],
    ['UpSampling2D', image, [['UpSampling2D', { size: [2, 3], interpolation: 'nearest' }]]],
    ['SimpleRNN', steps, [['SimpleRNN', { units: 3 }]]],
    [
      'LSTM',
      steps,
      [
        ['LSTM', { units: 3, return_sequences: true }],
        ['LSTM', { units: 2, use_bias: false }],
      ],
    ],
    ['GRU', steps, [['GRU', { units: 3, reset_after: false, return_sequences: true }]]],
  ];

  for (const [name, inputShape, layers] of cases) {
    it(`gives what TensorFlow.js gives: ${name}`, async () => {
      const { tf, run } = await loadTensorflow();
      const isImage = inputShape.length === 3;
      const taskShape = isImage ? [inputShape[2]!, inputShape[0]!, inputShape[1]!] : inputShape;
      const definition = keras([...layers, ['Flatten'], ['Dense', { units: 3 }]], inputShape, taskShape);
      const { features } = createSamples(2, taskShape, 3);
      await run('cpu', async () => {
        const architecture = await createArchitecture(tf, definition, 'squaredError');
        const weights = createWeights(tf, architecture);
        const parameters = Float32Array.from({ length: weights.layout.dimension }, (_, i) => Math.sin(i + 1) / 2 + 0.6);
        weights.write(parameters);
        const planes = tf.tensor(features, [2, ...taskShape]);
        const inputs = isImage ? tf.transpose(planes, [0, 2, 3, 1]) : planes;
        const expected = (architecture.model.predict(inputs) as typeof inputs).dataSync();
        const session = await InferenceSession.create(exportModel(definition, architecture, weights, parameters));
        const { logits } = await session.run({ input: new Tensor(features, [2, ...taskShape]) });
        expect(Math.max(...expected) - Math.min(...expected)).to.be.above(0.01);
        const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(largestDifference(logits!.data as Float32Array, expected) / largest).to.be.below(1e-5);
        await session.release();
        architecture.model.dispose();
      });
    });
  }
});

describe('a model as Keras 3 writes it', () => {
  const written = JSON.parse(readFileSync(new URL('keras3.json', import.meta.url), 'utf8')) as Record<
    string,
    { file: object; shape: number[]; samples: number[]; logits: number[]; classes: number }
  >;
  for (const [name, { file, shape: wanted, samples, logits: expected, classes }] of Object.entries(written)) {
    it(`is exported with the answers that Keras gives: ${name}`, async () => {
      const engine = await createTfjsEngine();
      const isImage = wanted.length === 3;
      const [height = 1, width = 1, channels = 1] = wanted;
      const inputShape = isImage ? [channels, height, width] : wanted;
      const size = samples.length / 2;
      const features = Float32Array.from(samples, (_, i) => {
        if (!isImage) return samples[i]!;
        const [place, channel] = [i % (height * width), Math.floor((i % size) / (height * width))];
        return samples[Math.floor(i / size) * size + place * channels + channel]!;
      });
      const model = await engine.compile(
        { kind: 'keras', json: JSON.stringify(file), inputShape, classes },
        createPlan(),
      );
      const session = await InferenceSession.create(model.exportOnnx(model.initialParameters('a')));
      const { logits } = await session.run({ input: new Tensor(features, [2, ...inputShape]) });
      expect(largestDifference(logits!.data as Float32Array, expected)).to.be.below(1e-5);
      await session.release();
      await model.dispose();
    });
  }
});
