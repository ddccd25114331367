import { expect } from 'chai';
import type { Engine } from '../../../client/training/engine.ts';
import { createTfjsEngine } from '../../../client/training/tfjs/engine.ts';
import { readKerasModel } from '../../../client/training/tfjs/keras.ts';
import { loadTensorflow } from '../../../client/training/tfjs/tensorflow.ts';
import { expectRejection } from '../data/rejection.ts';
import { createPlan } from '../plan.ts';
import { first, hidden, type Layer, layer, logitsOf, nest, output, sequential, task } from './kerasJson.ts';
import { createSamples, largestDifference } from './samples.ts';

describe('a Keras model', () => {
  let engine: Engine;
  before(async () => {
    engine = await createTfjsEngine();
  });

  const compile = (json: unknown, shape = task, plan = createPlan()) =>
    engine.compile({ kind: 'keras', json: typeof json === 'string' ? json : JSON.stringify(json), ...shape }, plan);

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
