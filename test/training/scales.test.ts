import { expect } from 'chai';
import type { CompiledModel } from '../../client/training/engine.ts';
import { createOnnxEngine } from '../../client/training/onnx/engine.ts';
import { checkRange, chooseScales, withScales } from '../../client/training/scales.ts';
import { expectCode } from '../governance/expectCode.ts';
import { createPlan } from './plan.ts';

const plan = createPlan({ batchSize: 2 });
const shape = { inputShape: [3], classes: 2 };
const data = {
  features: Float32Array.of(0.5, -1, 2, 1, 0.25, -0.5, -0.75, 1.5, 0),
  labels: Int32Array.of(0, 1, 1),
  count: 3,
  ...shape,
};
const weights = Float32Array.of(0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 200, -300);

describe('the scale of a tensor', () => {
  let model: CompiledModel;
  before(async () => {
    model = await createOnnxEngine().compile({ kind: 'logistic', ...shape }, plan);
  });
  after(() => model.dispose());

  it('is chosen where weights leave too little room, as a power of two that leaves some', () => {
    expect(chooseScales(model.layout, weights)).to.deep.equal({ 'layer1.bias': 16 });
    expect(
      chooseScales(
        model.layout,
        weights.map((value) => value / 10),
      ),
    ).to.deep.equal({});
  });

  it('changes no bit of training, evaluation or export: only what is kept is divided by it', async () => {
    const scaled = withScales(model, { 'layer1.bias': 16 });
    const kept = weights.map((value, place) => (place < 6 ? value : value / 16));
    const options = { seed: '1' };
    const [trained, plain] = [
      await scaled.trainLocally(kept, data, options),
      await model.trainLocally(weights, data, options),
    ];
    expect(trained.parameters.slice(6)).to.deep.equal(plain.parameters.slice(6).map((value) => value / 16));
    expect(trained.parameters.slice(0, 6)).to.deep.equal(plain.parameters.slice(0, 6));
    expect(await scaled.evaluate(kept, data)).to.deep.equal(await model.evaluate(weights, data));
    expect(scaled.exportOnnx(kept)).to.deep.equal(model.exportOnnx(weights));
  });

  it('is wanted where a weight would be cut, by a sentence that names the tensor and the scale', () => {
    expect(() =>
      checkRange(
        model.layout,
        weights.map((value) => value / 4),
      ),
    ).not.to.throw();
    expectCode(
      () => checkRange(model.layout, weights),
      'MODEL_INVALID',
      /"layer1\.bias" holds 300, .*less than 128.*scale, 16 times/,
    );
  });

  it('of a tensor that the model does not have is refused, and the one that is meant is named', () => {
    expectCode(
      () => withScales(model, { 'layer1.bais': 2 }),
      'MODEL_MISMATCH',
      /no tensor "layer1\.bais"; did you mean layer1\.bias\?/,
    );
  });
});
