import { expect } from 'chai';
import type { Engine } from '../../../client/training/engine.ts';
import { createTfjsEngine } from '../../../client/training/tfjs/engine.ts';
import { expectRejection } from '../data/rejection.ts';
import { createPlan } from '../plan.ts';
import { type Layer, logitsOf, nest, task } from './kerasJson.ts';
import { createSamples, largestDifference } from './samples.ts';

describe('a Keras model with weights in its file', () => {
  let engine: Engine;
  before(async () => {
    engine = await createTfjsEngine();
  });
  const compile = (json: unknown) =>
    engine.compile({ kind: 'keras', json: JSON.stringify(json), ...task }, createPlan());
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
