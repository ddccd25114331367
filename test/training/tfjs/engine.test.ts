import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Engine, ModelDefinition, TrainingPlan } from '../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { createTfjsEngine } from '../../../client/training/tfjs/engine.ts';
import { expectRejection } from '../data/rejection.ts';
import { createPlan } from '../plan.ts';
import { createSamples, largestDifference } from './samples.ts';

describe('the TensorFlow.js engine', () => {
  let tfjs: Engine;
  before(async () => {
    tfjs = await createTfjsEngine();
  });

  /** Trains the same model with both engines and gives how far they are apart. */
  async function compare(definition: ModelDefinition, plan: TrainingPlan, count: number) {
    const data = createSamples(count, definition.inputShape, definition.classes);
    const run = async (engine: Engine) => {
      const model = await engine.compile(definition, plan);
      const start = model.initialParameters('seed');
      const trained = await model.trainLocally(start, data, { seed: 'order' });
      const evaluation = await model.evaluate(trained.parameters, data);
      await model.dispose();
      return { layout: model.layout, start, trained, evaluation };
    };
    const [ours, theirs] = [await run(tfjs), await run(createOnnxEngine())];
    expect(ours.layout).to.deep.equal(theirs.layout);
    expect(ours.start).to.deep.equal(theirs.start);
    expect(largestDifference(ours.trained.parameters, ours.start)).to.be.above(1e-3);
    expect(ours.trained.loss).to.be.closeTo(theirs.trained.loss, 1e-5);
    expect(ours.trained.samples).to.equal(theirs.trained.samples);
    expect(ours.evaluation.loss).to.be.closeTo(theirs.evaluation.loss, 1e-5);
    expect(ours.evaluation.accuracy).to.equal(theirs.evaluation.accuracy);
    return largestDifference(ours.trained.parameters, theirs.trained.parameters);
  }

  const models: [string, ModelDefinition][] = [
    ['logistic', { kind: 'logistic', inputShape: [20], classes: 5 }],
    ['2nn', { kind: '2nn', inputShape: [2, 3, 4], classes: 3 }],
    ['cnn', { kind: 'cnn', inputShape: [2, 6, 5], classes: 3 }],
    ['cnn of flat samples', { kind: 'cnn', inputShape: [16], classes: 3 }],
  ];
  for (const [name, definition] of models) {
    it(`agrees with ONNX Runtime on one step and on evaluation: ${name}`, async () => {
      expect(await compare(definition, createPlan(), 4)).to.be.below(1e-6);
    });
  }

  const plans: [string, Partial<TrainingPlan>][] = [
    ['SGD', {}],
    ['momentum', { optimizer: { name: 'momentum', momentum: 0.7 }, learningRate: 0.03 }],
    ['Adam', { optimizer: { name: 'adam', beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }, learningRate: 0.01 }],
    ['FedProx', { proximalMu: 0.9 }],
    ['momentum with FedProx', { optimizer: { name: 'momentum', momentum: 0.7 }, learningRate: 0.03, proximalMu: 0.9 }],
  ];
  for (const [name, changes] of plans) {
    it(`agrees with ONNX Runtime over three epochs with a smaller last batch: ${name}`, async () => {
      const definition = { kind: '2nn', inputShape: [6], classes: 3 } as const;
      expect(await compare(definition, createPlan({ ...changes, epochs: 3 }), 18)).to.be.below(2e-5);
    });
  }

  it('gives the same bits on every run', async () => {
    const data = createSamples(30, [6], 3);
    const run = async () => {
      const model = await tfjs.compile({ kind: '2nn', inputShape: [6], classes: 3 }, createPlan({ epochs: 2 }));
      const { parameters } = await model.trainLocally(model.initialParameters('a'), data, { seed: 'b' });
      await model.dispose();
      return parameters;
    };
    expect(await run()).to.deep.equal(await run());
  });

  it('trains two models at a time as it trains them one after the other', async () => {
    const data = createSamples(40, [6], 3);
    const model = await tfjs.compile({ kind: 'logistic', inputShape: [6], classes: 3 }, createPlan());
    const image = { ...data, inputShape: [1, 2, 3] };
    const json = JSON.stringify({
      class_name: 'Sequential',
      config: {
        layers: [
          {
            class_name: 'Conv2D',
            config: { name: 'c', filters: 2, kernel_size: 2, batch_input_shape: [null, 2, 3, 1] },
          },
          { class_name: 'Flatten', config: { name: 'f' } },
          { class_name: 'Dense', config: { name: 'd', units: 3 } },
        ],
      },
    });
    const other = await tfjs.compile({ kind: 'keras', json, inputShape: [1, 2, 3], classes: 3 }, createPlan());
    const train = () => model.trainLocally(model.initialParameters('a'), data, { seed: 'b' });
    const trainOther = () => other.trainLocally(other.initialParameters('a'), image, { seed: 'b' });
    const alone = [await train(), await trainOther()];
    const together = await Promise.all([train(), trainOther()]);
    expect(together.map(({ parameters }) => parameters)).to.deep.equal(alone.map(({ parameters }) => parameters));
    await Promise.all([model.dispose(), other.dispose()]);
  });

  it('learns a regression', async () => {
    const features = createSamples(64, [3], 2).features;
    const labels = Float32Array.from({ length: 64 }, (_, i) => features[3 * i]! - 2 * features[3 * i + 2]!);
    const data = { features, labels, count: 64, inputShape: [3], classes: 1 };
    const plan = createPlan({ loss: 'squaredError', epochs: 60, learningRate: 0.05 });
    const model = await tfjs.compile({ kind: 'logistic', inputShape: [3], classes: 1 }, plan);
    const { parameters } = await model.trainLocally(model.initialParameters('a'), data, { seed: 'b' });
    const { loss, accuracy } = await model.evaluate(parameters, data);
    expect(loss).to.be.below(1e-3);
    expect(accuracy).to.be.NaN;
    expect(largestDifference(parameters, [1, 0, -2, 0])).to.be.below(0.02);
    await model.dispose();
  });

  it('reports progress and hears an abort', async () => {
    const data = createSamples(400, [6], 3);
    const model = await tfjs.compile({ kind: 'logistic', inputShape: [6], classes: 3 }, createPlan({ epochs: 50 }));
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ samplesDone, samplesTotal }: { samplesDone: number; samplesTotal: number }) => {
      expect(samplesTotal).to.equal(20_000);
      seen.push(samplesDone);
      if (seen.length === 2) controller.abort();
    };
    const start = model.initialParameters('a');
    await expectRejection(
      () => model.trainLocally(start, data, { seed: 'b', onProgress, signal: controller.signal }),
      'ABORTED',
      /stopped/,
    );
    expect(seen).to.have.length(2);
    expect(seen[1]).to.be.within(seen[0]! + 1, 19_999);
    await model.dispose();
  });

  it('says so when training diverges, and when parameters or data are of another model', async () => {
    const data = createSamples(40, [6], 3);
    const model = await tfjs.compile({ kind: '2nn', inputShape: [6], classes: 3 }, createPlan({ learningRate: 1e20 }));
    const start = model.initialParameters('a');
    await expectRejection(() => model.trainLocally(start, data, { seed: 'b' }), 'TRAINING_DIVERGED', /learning rate/);
    await expectRejection(() => model.evaluate(start.slice(1), data), 'MODEL_MISMATCH', /parameters/);
    const wider = createSamples(4, [7], 3);
    await expectRejection(() => model.trainLocally(start, wider, { seed: 'b' }), 'MODEL_MISMATCH', /\[7\]/);
    await model.dispose();
  });

  it('refuses an ONNX model', () =>
    expectRejection(
      () => tfjs.compile({ kind: 'onnx', bytes: new Uint8Array(), inputShape: [6], classes: 3 }, createPlan()),
      'MODEL_INVALID',
      /choose the engine onnx/,
    ));

  it('prints nothing', async () => {
    const engine = new URL('../../../client/training/tfjs/engine.ts', import.meta.url).href;
    const script = `
      const { createTfjsEngine } = await import(${JSON.stringify(engine)});
      const plan = ${JSON.stringify(createPlan())};
      const model = await (await createTfjsEngine()).compile({ kind: 'logistic', inputShape: [2], classes: 2 }, plan);
      const data = { features: new Float32Array(4), labels: Int32Array.of(0, 1), count: 2, inputShape: [2], classes: 2 };
      await model.trainLocally(model.initialParameters('a'), data, { seed: 'b' });`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout + stderr).to.equal('');
  });
});
