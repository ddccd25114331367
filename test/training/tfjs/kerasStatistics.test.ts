import { expect } from 'chai';
import type { Engine } from '../../../client/training/engine.ts';
import { createTfjsEngine } from '../../../client/training/tfjs/engine.ts';
import { createPlan } from '../plan.ts';
import { first, type Layer, layer, logitsOf, output, sequential, task } from './kerasJson.ts';
import { createSamples, largestDifference } from './samples.ts';

describe('a Keras model with batch normalisation', () => {
  let engine: Engine;
  before(async () => {
    engine = await createTfjsEngine();
  });
  const model = (config = {}) =>
    sequential(layer('BatchNormalization', { ...first, momentum: 0.9, ...config }), output());
  const data = createSamples(4, [6], 3);
  const compileWith = (json: unknown, batchStatistics: 'federated' | 'frozen' | undefined) =>
    engine.compile({ kind: 'keras', json: JSON.stringify(json), batchStatistics, ...task }, createPlan());
  const columns = Array.from({ length: 6 }, (_, column) => [0, 1, 2, 3].map((row) => data.features[6 * row + column]!));
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

  it('in a model that is called with training=False stays as it is', async () => {
    const inner = sequential(
      layer('BatchNormalization', { name: 'bn', ...first }),
      layer('Dropout', { name: 'drop', rate: 0.5 }),
    );
    const compiled = await compileWith(
      {
        class_name: 'Functional',
        config: {
          name: 'm',
          layers: [
            { ...layer('InputLayer', { name: 'in', ...first }), name: 'in', inbound_nodes: [] },
            { ...inner, name: 's', inbound_nodes: [[['in', 0, 0, { training: false }]]] },
            { ...output(), name: 'output', inbound_nodes: [[['s', 1, 0, {}]]] },
          ],
          input_layers: [['in', 0, 0]],
          output_layers: [['output', 0, 0]],
        },
      },
      'federated',
    );
    expect(compiled.layout.tensors.map(({ name }) => name)).to.deep.equal([
      's/bn.gamma',
      's/bn.beta',
      'output.weight',
      'output.bias',
    ]);
    const start = compiled.initialParameters('a');
    const { loss } = await compiled.trainLocally(start, data, { seed: 'b' });
    expect(loss).to.be.closeTo((await compiled.evaluate(start, data)).loss, 1e-5);
    await compiled.dispose();
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
