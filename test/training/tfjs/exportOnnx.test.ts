import { expect } from 'chai';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Engine, ModelDefinition } from '../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { createTfjsEngine } from '../../../client/training/tfjs/engine.ts';
import { expectRejection } from '../data/rejection.ts';
import { createPlan, createSamples, largestDifference } from './samples.ts';

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

  it('is refused where a layer has no conversion, and the layer is named', async () => {
    const definition = keras(
      [
        ['Reshape', { target_shape: [3, 2] }],
        ['LSTM', { units: 4 }],
        ['Dense', { units: 3 }],
      ],
      [6],
      [6],
    );
    const model = await engine.compile(definition, createPlan());
    await expectRejection(
      () => model.exportOnnx(model.initialParameters('a')),
      'OPERATOR_UNSUPPORTED',
      /layer "l1" \(LSTM\) cannot be exported to ONNX: no conversion/,
    );
    await model.dispose();
  });
});
