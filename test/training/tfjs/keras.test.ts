import { expect } from 'chai';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Engine } from '../../../client/training/engine.ts';
import { createTfjsEngine } from '../../../client/training/tfjs/engine.ts';
import { readKerasModel } from '../../../client/training/tfjs/keras.ts';
import { loadTensorflow } from '../../../client/training/tfjs/tensorflow.ts';
import { expectRejection } from '../data/rejection.ts';
import { createPlan, createSamples, largestDifference } from './samples.ts';

type Layer = { class_name: string; config: Record<string, unknown>; [key: string]: unknown };

const layer = (className: string, config: Record<string, unknown> = {}): Layer => ({
  class_name: className,
  config: { name: className.toLowerCase(), ...config },
});
const sequential = (...layers: Layer[]) => ({ class_name: 'Sequential', config: { name: 's', layers } });
const first = { batch_input_shape: [null, 6] };
const task = { inputShape: [6], classes: 3 };

/** What ONNX Runtime makes of one sample. */
async function logitsOf(bytes: Uint8Array, sample: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes);
  const { logits } = await session.run({ input: new Tensor(sample, [1, sample.length]) });
  await session.release();
  return logits!.data as Float32Array;
}

describe('a Keras model', () => {
  let engine: Engine;
  before(async () => {
    engine = await createTfjsEngine();
  });

  const compile = (json: unknown, shape = task, plan = createPlan()) =>
    engine.compile({ kind: 'keras', json: typeof json === 'string' ? json : JSON.stringify(json), ...shape }, plan);
  const output = (config = {}) => layer('Dense', { name: 'output', units: 3, ...config });

  it('that is no Keras JSON is refused', async () => {
    for (const json of ['{', 'null', '[]', '{}', '{"config":{"layers":[]}}', '{"config":{"layers":[1]}}']) {
      await expectRejection(() => compile(json), 'MODEL_INVALID', /^The Keras model cannot be used: it is not /);
    }
    const activation = compile(sequential(output({ ...first, activation: 'cubic' })));
    await expectRejection(() => activation, 'MODEL_INVALID', /TensorFlow\.js cannot build it \(.*cubic/);
  });

  it('with a layer that cannot be averaged or repeated is refused, and the layer is named', async () => {
    const refuse = (model: Layer, message: RegExp) =>
      expectRejection(
        () => compile(sequential(layer('InputLayer', first), model, output())),
        'OPERATOR_UNSUPPORTED',
        message,
      );
    await refuse(layer('GaussianNoise'), /\(GaussianNoise\) is not supported/);
    await refuse(layer('Dense', { units: 2, kernel_constraint: { class_name: 'MaxNorm' } }), /has a kernel_constraint/);
    await refuse(layer('LSTM', { units: 2, dropout: 0.5 }), /has dropout inside/);
    await refuse(layer('LSTM', { units: 2, go_backwards: true }), /goes backwards/);
    await refuse(layer('GRU', { units: 2 }), /\(GRU\) has reset_after/);
    await refuse(layer('Dense', { units: 2, activity_regularizer: { class_name: 'L2' } }), /activity_regularizer/);
    await refuse(layer('Dense', { units: 2, quantization_config: { mode: 'int8' } }), /is quantised/);
    await refuse(layer('Embedding', { input_dim: 2, output_dim: 2, mask_zero: true }), /masks zeros/);
    await refuse(layer('GlobalAveragePooling1D', { keepdims: true }), /has keepdims/);
    await refuse({ module: 'keras', ...layer('Activation', { activation: 'hard_sigmoid' }) }, /Keras 3 and TensorFlow/);
    await refuse(layer('Normalization', { axis: 1, mean: 0, variance: 1 }), /another axis than the last/);
    await refuse(layer('Conv2D', { filters: 2, kernel_size: 2, dilation_rate: [1, 2] }), /is dilated/);
    const frozen = sequential(output({ ...first, trainable: false }));
    await expectRejection(() => compile(frozen), 'MODEL_INVALID', /"output" is frozen/);
    const adapted = sequential(layer('Normalization', { ...first, mean: null, variance: null }), output());
    await expectRejection(() => compile(adapted), 'MODEL_INVALID', /"normalization" .* does not hold its mean/);
  });

  it('that does not fit the task is refused', async () => {
    const wide = sequential(output({ batch_input_shape: [null, 7] }));
    await expectRejection(() => compile(wide), 'MODEL_MISMATCH', /takes \[7\].*\[6\]/);
    const many = sequential(output({ ...first, units: 4 }));
    await expectRejection(() => compile(many), 'MODEL_MISMATCH', /gives \[4\].*wants \[3\]/);
  });

  it('has its Glorot kernels by the seed, and the constants that its layers ask for', async () => {
    const ones = { bias_initializer: { class_name: 'Ones', config: {} } };
    const model = await compile(sequential(layer('LayerNormalization', first), output(ones)));
    expect(model.layout.tensors.map(({ name, shape }) => [name, ...shape])).to.deep.equal([
      ['layernormalization.gamma', 6],
      ['layernormalization.beta', 6],
      ['output.weight', 6, 3],
      ['output.bias', 3],
    ]);
    const parameters = model.initialParameters('a');
    expect([...parameters.subarray(0, 12)]).to.deep.equal([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect([...parameters.subarray(30)]).to.deep.equal([1, 1, 1]);
    expect(model.initialParameters('a')).to.deep.equal(parameters);
    expect(model.initialParameters('b')).not.to.deep.equal(parameters);
    await model.dispose();
  });

  /** Parameters after training, from JSON in one of its forms. */
  async function train(json: unknown, plan = createPlan()): Promise<Float32Array> {
    const model = await compile(json, task, plan);
    const data = createSamples(20, [6], 3);
    const { parameters } = await model.trainLocally(model.initialParameters('a'), data, { seed: 'b' });
    await model.dispose();
    return parameters;
  }

  const hidden = (config = {}) => layer('Dense', { name: 'hidden', units: 5, activation: 'tanh', ...config });

  it('trains alike with logits, and with a softmax in any form', async () => {
    const logits = await train(sequential(hidden(first), output()));
    expect(await train(sequential(hidden(first), output({ activation: 'softmax' })))).to.deep.equal(logits);
    expect(await train(sequential(hidden(first), output(), layer('Softmax')))).to.deep.equal(logits);
    const activation = layer('Activation', { activation: 'softmax' });
    expect(await train(sequential(hidden(first), output(), activation))).to.deep.equal(logits);
  });

  it('trains alike as Keras 2, Keras 3, saved TensorFlow.js model, sequential or functional', async () => {
    const expected = await train(sequential(hidden(first), output({ activation: 'softmax' })));
    expect(await train({ modelTopology: { model_config: sequential(hidden(first), output()) } })).to.deep.equal(
      expected,
    );

    const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
    const glorot = { module: 'keras.initializers', class_name: 'GlorotUniform', config: { seed: null } };
    const keras3 = (each: Layer) => ({
      module: 'keras.layers',
      registered_name: null,
      ...each,
      config: { dtype: policy, ...(each.class_name === 'Dense' && { kernel_initializer: glorot }), ...each.config },
    });
    const input = layer('InputLayer', { name: 'in', batch_shape: [null, 6] });
    const softmax = output({ activation: 'softmax' });
    expect(await train(sequential(...[input, hidden(), softmax].map(keras3)))).to.deep.equal(expected);

    const named = (each: Layer, nodes: unknown[]) => ({ ...each, name: each.config.name, inbound_nodes: nodes });
    const keras2Functional = {
      class_name: 'Functional',
      config: {
        name: 'm',
        layers: [
          named(layer('InputLayer', { name: 'in', ...first }), []),
          named(hidden(), [[['in', 0, 0, {}]]]),
          named(softmax, [[['hidden', 0, 0, {}]]]),
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['output', 0, 0]],
      },
    };
    expect(await train(keras2Functional)).to.deep.equal(expected);

    const tensor = (name: string) => ({
      args: [{ class_name: '__keras_tensor__', config: { shape: [null, 6], keras_history: [name, 0, 0] } }],
      kwargs: {},
    });
    const keras3Functional = {
      module: 'keras.src.models.functional',
      class_name: 'Functional',
      config: {
        name: 'm',
        layers: [
          named(keras3(input), []),
          named(keras3(hidden()), [tensor('in')]),
          named(keras3(softmax), [tensor('hidden')]),
        ],
        input_layers: ['in', 0, 0],
        output_layers: ['output', 0, 0],
      },
    };
    expect(await train(keras3Functional)).to.deep.equal(expected);
  });

  it('takes its shape from wherever it says it, and any number of samples', async () => {
    const expected = await train(sequential(hidden(first), output()));
    expect(await train(sequential(hidden({ batch_input_shape: [4, 6] }), output()))).to.deep.equal(expected);
    expect(await train(sequential(hidden({ input_shape: [6] }), output()))).to.deep.equal(expected);
    expect(await train(sequential(layer('InputLayer', { batch_shape: [1, 6] }), hidden(), output()))).to.deep.equal(
      expected,
    );
    const built = sequential(hidden(), output());
    Object.assign(built.config, { build_input_shape: [32, 6] });
    expect(await train(built)).to.deep.equal(expected);
  });

  it('with two branches of Keras 3 trains', async () => {
    const named = (each: Layer, ...from: string[]) => ({
      ...each,
      name: each.config.name,
      inbound_nodes:
        from.length === 0 ? [] : [{ args: [from.length > 1 ? from.map(history) : history(from[0]!)], kwargs: {} }],
    });
    const history = (name: string) => ({ class_name: '__keras_tensor__', config: { keras_history: [name, 0, 0] } });
    const model = await compile({
      class_name: 'Functional',
      config: {
        name: 'm',
        layers: [
          named(layer('InputLayer', { name: 'in', batch_shape: [null, 6] })),
          named(layer('Dense', { name: 'a', units: 4 }), 'in'),
          named(layer('Dense', { name: 'b', units: 2 }), 'in'),
          named(layer('Concatenate', { name: 'both' }), 'a', 'b'),
          named(output(), 'both'),
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['output', 0, 0]],
      },
    });
    expect(model.layout.dimension).to.equal(28 + 14 + 21);
    const data = createSamples(60, [6], 3);
    const start = model.initialParameters('a');
    const before = await model.evaluate(start, data);
    const { parameters } = await model.trainLocally(start, data, { seed: 'b' });
    expect((await model.evaluate(parameters, data)).loss).to.be.below(before.loss / 2);
    expect(await logitsOf(model.exportOnnx(parameters), data.features.subarray(0, 6))).to.have.length(3);
    await model.dispose();
  });

  const nest = (from: string, call: number, backbone: Record<string, unknown> = {}) => {
    const tensor = (name: string, node: number) => ({
      args: [{ class_name: '__keras_tensor__', config: { keras_history: [name, node, 0] } }],
    });
    const named = (each: Layer, name?: string, node = 0) => ({
      ...each,
      name: each.config.name,
      inbound_nodes: name === undefined ? [] : [from === 'Keras 3' ? tensor(name, node) : [[name, node, 0, {}]]],
    });
    const functional = (name: string, ends: [string, string], ...layers: unknown[]) => ({
      class_name: 'Functional',
      config: { name, layers, input_layers: [[ends[0], 0, 0]], output_layers: [[ends[1], 0, 0]] },
    });
    const hiddenOf = layer('Dense', { name: 'hidden', units: 5, activation: 'tanh' });
    const inner = functional(
      'backbone',
      ['in', 'hidden'],
      named(layer('InputLayer', { name: 'in', ...first })),
      named(hiddenOf, 'in'),
    );
    Object.assign(inner.config, backbone);
    return functional(
      'm',
      ['in', 'output'],
      named(layer('InputLayer', { name: 'in', ...first })),
      named(inner as unknown as Layer, 'in'),
      named(output({ activation: 'softmax' }), 'backbone', call),
    );
  };

  it('with a model in it trains as if its layers were its own', async () => {
    const flat = await train(sequential(hidden(first), output()));
    const inner = sequential(hidden(first));
    inner.config.name = 'backbone';
    expect(await train(sequential(inner as unknown as Layer, output()))).to.deep.equal(flat);
    expect(await train(nest('Keras 3', 0))).to.deep.equal(flat);
    expect(await train(nest('Keras 2', 1))).to.deep.equal(flat);
    const model = await compile(nest('Keras 3', 0));
    expect(model.layout.tensors.map(({ name }) => name)).to.deep.equal([
      'backbone/hidden.weight',
      'backbone/hidden.bias',
      'output.weight',
      'output.bias',
    ]);
    expect(await logitsOf(model.exportOnnx(flat), new Float32Array(6).fill(1))).to.have.length(3);
    await model.dispose();
    const end = sequential(
      hidden(first),
      sequential(output({ ...first, batch_input_shape: [null, 5], activation: 'softmax' })) as Layer,
    );
    expect(await train(end)).to.deep.equal(flat);
    const frozen = () => compile(nest('Keras 3', 0, { trainable: false }));
    await expectRejection(frozen, 'MODEL_INVALID', /"backbone\/hidden" is frozen .* holds no weights/);
  });

  it('that ends with what the loss does not apply is refused, and with what it applies trains alike', async () => {
    const plan = createPlan({ loss: 'binaryCrossEntropy' });
    const two = { inputShape: [6], classes: 2 };
    const one = (activation: string) => sequential(output({ ...first, units: 1, activation }));
    await expectRejection(
      () => compile(one('softmax'), two, plan),
      'MODEL_INVALID',
      /ends with softmax in the layer "output"/,
    );
    const sigmoid = sequential(output({ ...first, activation: 'sigmoid' }), layer('Flatten'));
    await expectRejection(
      () => compile(sigmoid),
      'MODEL_INVALID',
      /ends with sigmoid .* softmaxCrossEntropy applies softmax/,
    );
    const data = createSamples(20, [6], 2);
    const trained = [
      one('linear'),
      one('sigmoid'),
      sequential(output({ ...first, units: 1 }), layer('Activation', { activation: 'sigmoid' })),
    ];
    const results = [];
    for (const json of trained) {
      const model = await compile(json, two, plan);
      results.push((await model.trainLocally(model.initialParameters('a'), data, { seed: 'b' })).parameters);
      await model.dispose();
    }
    expect(results[1]).to.deep.equal(results[0]);
    expect(results[2]).to.deep.equal(results[0]);
  });

  describe('with weights in its file', () => {
    const values = Array.from({ length: 35 + 18 }, (_, i) => Math.sin(i));
    const withWeights = (model: unknown, prefix = '', changes: Record<string, unknown> = {}) => ({
      modelTopology: model,
      weightSpecs: [
        { name: `${prefix}backbone/hidden/kernel`, shape: [6, 5], dtype: 'float32' },
        { name: `${prefix}backbone/hidden/bias`, shape: [5], dtype: 'float32' },
        { name: 'output/kernel:0', shape: [5, 3], dtype: 'float32' },
        { name: 'output/bias:0', shape: [3], dtype: 'float32' },
      ],
      weightData: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
      ...changes,
    });
    const frozen = nest('Keras 3', 0, { trainable: false });

    it('begins with them, whatever the seed', async () => {
      const model = await compile(withWeights(nest('Keras 3', 0), 'm/'));
      expect([...model.initialParameters('a')]).to.deep.equal(values.map(Math.fround));
      expect(model.initialParameters('b')).to.deep.equal(model.initialParameters('a'));
      await model.dispose();
    });

    it('leaves those of frozen layers as they are, in training and in the export', async () => {
      const model = await compile(withWeights(frozen));
      expect(model.layout.tensors.map(({ name }) => name)).to.deep.equal(['output.weight', 'output.bias']);
      const data = createSamples(20, [6], 3);
      const { parameters } = await model.trainLocally(model.initialParameters('a'), data, { seed: 'b' });
      expect(largestDifference(parameters, values.slice(35))).to.be.above(1e-3);
      const x = data.features.subarray(0, 6);
      const hiddenValues = [0, 1, 2, 3, 4].map((k) =>
        Math.tanh(x.reduce((sum, value, i) => sum + value * values[5 * i + k]!, values[30 + k]!)),
      );
      const expected = [0, 1, 2].map((k) =>
        hiddenValues.reduce((sum, value, i) => sum + value * parameters[3 * i + k]!, parameters[15 + k]!),
      );
      expect(largestDifference(await logitsOf(model.exportOnnx(parameters), x), expected)).to.be.below(1e-5);
      await model.dispose();
    });

    it('is refused where they are incomplete, of another shape or damaged, or nothing is left to train', async () => {
      const [, ...fewer] = withWeights(frozen).weightSpecs;
      const bytes = Buffer.from(Float32Array.from(values.slice(30)).buffer).toString('base64');
      const missing = withWeights(frozen, '', { weightSpecs: fewer, weightData: bytes });
      await expectRejection(() => compile(missing), 'MODEL_INVALID', /weight "backbone\/hidden\/kernel" is missing/);
      const turned = withWeights(frozen).weightSpecs.map((spec) => ({ ...spec, shape: spec.shape.toReversed() }));
      const other = withWeights(frozen, '', { weightSpecs: turned });
      await expectRejection(() => compile(other), 'MODEL_INVALID', /has the shape \[5,6\] instead of \[6,5\]/);
      const damaged = withWeights(frozen, '', { weightData: '?' });
      await expectRejection(() => compile(damaged), 'MODEL_INVALID', /weightData is not what its weightSpecs say/);
      const all = withWeights(frozen) as { modelTopology: { config: { layers: Layer[] } } };
      const nothing = structuredClone(all);
      nothing.modelTopology.config.layers.at(-1)!.config.trainable = false;
      await expectRejection(() => compile(nothing), 'MODEL_INVALID', /nothing to train/);
    });
  });

  it('says what is no longer as in the file', async () => {
    const { tf } = await loadTensorflow();
    const json = {
      modelTopology: sequential(
        layer('Rescaling', { ...first, scale: 0.004 }),
        hidden({ dtype: 'mixed_float16', kernel_initializer: 'he_normal' }),
        output({ activation: 'softmax', kernel_regularizer: { class_name: 'L2', config: { l2: 0.1 } } }),
      ),
      weightsManifest: [{ paths: ['shard.bin'], weights: [] }],
    };
    const { changes, model } = await readKerasModel(tf, JSON.stringify(json), 'softmaxCrossEntropy');
    expect(changes).to.deep.equal([
      '"rescaling": multiplies by 0.004 what the task\'s data description has scaled already',
      '"hidden": begins as Glorot uniform instead of he_normal',
      '"hidden": is trained in float32 instead of mixed_float16',
      '"output": regularisers are added to the loss of training, and not to that of evaluation',
      '"output": its softmax is taken into the loss, so that the model gives logits',
      'the weights beside the file are not read: the model begins anew',
    ]);
    model.dispose();
  });

  it('that was made for mixed precision trains in float32', async () => {
    const policy = (name: string) => ({ dtype: { class_name: 'DTypePolicy', config: { name } } });
    const json = (name: string) => sequential(hidden({ ...first, ...policy(name) }), output(policy(name)));
    expect(await train(json('mixed_float16'))).to.deep.equal(await train(json('float32')));
    expect(await train(sequential(hidden({ ...first, dtype: 'float16' }), output()))).to.deep.equal(
      await train(json('float32')),
    );
  });

  describe('with batch normalisation', () => {
    const model = (config = {}) =>
      sequential(layer('BatchNormalization', { ...first, momentum: 0.9, ...config }), output());
    const data = createSamples(4, [6], 3);
    const compileWith = (json: unknown, batchStatistics: 'federated' | 'frozen' | undefined) =>
      engine.compile({ kind: 'keras', json: JSON.stringify(json), batchStatistics, ...task }, createPlan());
    const columns = Array.from({ length: 6 }, (_, column) =>
      [0, 1, 2, 3].map((row) => data.features[6 * row + column]!),
    );
    const means = columns.map((values) => values.reduce((a, b) => a + b) / 4);
    const variances = columns.map((values, i) => values.reduce((sum, value) => sum + (value - means[i]!) ** 2, 0) / 4);

    it('keeps running statistics as parameters, which training moves by the momentum', async () => {
      const compiled = await compileWith(model(), undefined);
      const names = compiled.layout.tensors.map(({ name }) => name.split('.')[1]);
      expect(names).to.deep.equal(['gamma', 'beta', 'moving_mean', 'moving_variance', 'weight', 'bias']);
      const start = compiled.initialParameters('a');
      expect([...start.subarray(12, 24)]).to.deep.equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
      const { parameters } = await compiled.trainLocally(start, data, { seed: 'b' });
      for (let i = 0; i < 6; i++) {
        expect(parameters[12 + i]).to.be.closeTo(0.1 * means[i]!, 1e-6);
        expect(parameters[18 + i]).to.be.closeTo(0.9 + 0.1 * variances[i]!, 1e-6);
      }
      await compiled.dispose();
    });

    it('is evaluated with the running statistics, and exported with them, also where noise has made a variance negative', async () => {
      const compiled = await compileWith(model({ epsilon: 0.5, scale: false }), 'federated');
      const start = compiled.initialParameters('a');
      expect(compiled.layout.tensors[0]!.name).to.equal('batchnormalization.beta');
      start.set([1, 2, 3, 4, 5, 6], 6);
      start.set([0.5, 1.5, 2.5, 3.5, 4.5, -0.4], 12);
      const before = start.slice();
      const rows = [0, 1, 2, 3].map((row) => data.features.subarray(6 * row, 6 * row + 6));
      const weight = start.subarray(18, 36);
      const expected = rows.map((row) => {
        const normed = Array.from(row, (x, i) => (x - start[6 + i]!) / Math.sqrt(Math.max(0, start[12 + i]!) + 0.5));
        return [0, 1, 2].map((k) => normed.reduce((sum, x, i) => sum + x * weight[3 * i + k]!, 0));
      });
      const bytes = compiled.exportOnnx(start);
      for (const [i, row] of rows.entries()) {
        expect(largestDifference(await logitsOf(bytes, row), expected[i]!)).to.be.below(1e-5);
      }
      const losses = expected.map((z, i) => Math.log(z.reduce((sum, x) => sum + Math.exp(x), 0)) - z[data.labels[i]!]!);
      const { loss } = await compiled.evaluate(start, data);
      expect(loss).to.be.closeTo(losses.reduce((a, b) => a + b) / 4, 1e-5);
      expect(start).to.deep.equal(before);
      await compiled.dispose();
    });

    it('leaves frozen statistics alone, and uses them in training too', async () => {
      const compiled = await compileWith(model(), 'frozen');
      const names = compiled.layout.tensors.map(({ name }) => name.split('.')[1]);
      expect(names).to.deep.equal(['gamma', 'beta', 'weight', 'bias']);
      const start = compiled.initialParameters('a');
      const { loss, parameters } = await compiled.trainLocally(start, data, { seed: 'b' });
      expect(loss).to.be.closeTo((await compiled.evaluate(start, data)).loss, 1e-5);
      expect(largestDifference(parameters, start)).to.be.above(1e-3);
      const [row] = [data.features.subarray(0, 6)];
      expect(await logitsOf(compiled.exportOnnx(parameters), row)).to.have.length(3);
      await compiled.dispose();
    });

    it('of a layer that is not trainable or is called with training=False stays as it is', async () => {
      const named = (each: Layer, from?: string, kwargs = {}) => ({
        ...each,
        name: each.config.name,
        inbound_nodes: from === undefined ? [] : [[[from, 0, 0, kwargs]]],
      });
      const called = (kwargs: Record<string, unknown>) => ({
        class_name: 'Functional',
        config: {
          name: 'm',
          layers: [
            named(layer('InputLayer', { name: 'in', ...first })),
            named(layer('BatchNormalization', { name: 'bn' }), 'in', kwargs),
            named(layer('Dropout', { name: 'drop', rate: 0.5 }), 'bn', kwargs),
            named(output(), 'drop'),
          ],
          input_layers: [['in', 0, 0]],
          output_layers: [['output', 0, 0]],
        },
      });
      const compiled = await compileWith(called({ training: false }), 'federated');
      const start = compiled.initialParameters('a');
      const { loss } = await compiled.trainLocally(start, data, { seed: 'b' });
      expect(loss).to.be.closeTo((await compiled.evaluate(start, data)).loss, 1e-5);
      expect(compiled.layout.tensors.map(({ name }) => name)).to.not.include('bn.moving_mean');
      const usual = await compileWith(called({}), 'federated');
      expect(usual.layout.tensors.map(({ name }) => name)).to.include('bn.moving_mean');
      await Promise.all([compiled.dispose(), usual.dispose()]);
    });

    it('learns', async () => {
      const samples = createSamples(60, [6], 3);
      const compiled = await engine.compile(
        { kind: 'keras', json: JSON.stringify(model()), ...task },
        createPlan({ epochs: 8 }),
      );
      const start = compiled.initialParameters('a');
      const { parameters } = await compiled.trainLocally(start, samples, { seed: 'b' });
      expect((await compiled.evaluate(parameters, samples)).accuracy).to.be.above(0.9);
      await compiled.dispose();
    });
  });

  it('drops other units at each step, the same on every run', async () => {
    const model = (rate: number) => sequential(hidden(first), layer('Dropout', { rate, seed: 1 }), output());
    const [once, again, without] = [await train(model(0.5)), await train(model(0.5)), await train(model(0))];
    expect(once).to.deep.equal(again);
    expect(largestDifference(once, without)).to.be.above(1e-3);
    // With one fixed mask a dropped unit's outgoing weights would never move.
    const compiled = await compile(model(0.5));
    const start = compiled.initialParameters('a');
    const { offset, size } = compiled.layout.tensors[2]!;
    const moved = Array.from({ length: size }, (_, i) => once[offset + i] !== start[offset + i]);
    expect(moved.every(Boolean)).to.equal(true);
    await compiled.dispose();
  });

  it('adds its regularisers to the loss', async () => {
    const l2 = { kernel_regularizer: { class_name: 'L2', config: { l2: 1 } } };
    const size = (parameters: Float32Array) => parameters.subarray(0, 18).reduce((sum, value) => sum + value ** 2, 0);
    const [plain, small] = [
      await train(sequential(output(first))),
      await train(sequential(output({ ...first, ...l2 }))),
    ];
    expect(size(small)).to.be.below(size(plain) / 2);
  });
});
