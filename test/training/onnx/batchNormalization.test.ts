import { expect } from 'chai';
import { createRandom } from '../../../client/core/random.ts';
import type { Dataset, ModelDefinition, TrainingPlan } from '../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { type InferenceModel, opset, writeModel } from '../../../client/training/onnx/model.ts';
import { createNode, float } from '../../../client/training/onnx/node.ts';
import { readModel } from '../../../client/training/onnx/read.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../../../client/training/onnx/tensor.ts';
import { createPlan } from '../plan.ts';

const task = { inputShape: [3], classes: 2 };
const random = createRandom('batchNormalization.test');
const momentum = 0.75;
const model: InferenceModel = {
  input: 'x',
  output: 'y',
  nodes: [
    createNode('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'variance'], ['n'], { momentum: float(momentum) }),
    createNode('Gemm', ['n', 'w', 'b'], ['y']),
  ],
  initializers: new Map([
    ['scale', floatTensor([3], [1, 1.5, 0.5])],
    ['bias', floatTensor([3], [0, 0.5, -0.5])],
    ['mean', floatTensor([3], [0.5, -1, 2])],
    ['variance', floatTensor([3], [1, 2, 0.5])],
    [
      'w',
      floatTensor(
        [3, 2],
        Array.from({ length: 6 }, () => random.normal()),
      ),
    ],
    ['b', floatTensor([2], [0, 0])],
  ]),
  opset,
};
const data: Dataset = {
  features: Float32Array.from({ length: 15 }, (_, i) => 3 * random.normal() + (i % 3)),
  labels: Int32Array.of(0, 1, 1, 0, 1),
  count: 5,
  ...task,
};
const plan = createPlan({
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-6 },
  learningRate: 0.05,
  batchSize: 5,
  proximalMu: 0.3,
});
/** Where the layout has them. */
const places = { mean: 6, variance: 9 };

function compile(changes: Partial<TrainingPlan> = {}, batchStatistics?: ModelDefinition['batchStatistics']) {
  const definition = { kind: 'onnx', bytes: writeModel(model, task), ...task, batchStatistics } as const;
  return createOnnxEngine().compile(definition, { ...plan, ...changes });
}

/** Mean and variance of a column over some samples. */
function statisticsOf(column: number, samples: readonly number[]): { mean: number; variance: number } {
  const values = samples.map((sample) => data.features[sample * 3 + column]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

describe('a batch normalisation', () => {
  it('moves its running statistics by the momentum rule alone, whatever optimiser and FedProx do', async () => {
    const compiled = await compile();
    expect(compiled.layout.tensors.map(({ name }) => name)).to.deep.equal([...model.initializers.keys()]);
    const { parameters } = await compiled.trainLocally(compiled.initialParameters(''), data, { seed: 'a' });
    for (let column = 0; column < 3; column++) {
      const { mean, variance } = statisticsOf(column, [0, 1, 2, 3, 4]);
      const given = (name: string) => model.initializers.get(name)!.data[column]!;
      const moved = (before: number, batch: number) => before * momentum + batch * (1 - momentum);
      expect(parameters[places.mean + column]).to.be.closeTo(moved(given('mean'), mean), 1e-5);
      expect(parameters[places.variance + column]).to.be.closeTo(moved(given('variance'), variance), 1e-4);
    }
    await compiled.dispose();
  });

  it('leaves out of the statistics what fills up the last batch of an epoch', async () => {
    const compiled = await compile({ batchSize: 5, epochs: 1 });
    const few = { ...data, count: 4, features: data.features.slice(0, 12), labels: data.labels.slice(0, 4) };
    const four = await compiled.trainLocally(compiled.initialParameters(''), few, { seed: 'a' });
    const filled = await compile({ batchSize: 3 });
    const trained = await filled.trainLocally(filled.initialParameters(''), few, { seed: 'a' });
    const ends = [0, 1, 2, 3].map((last) => {
      const rest = [0, 1, 2, 3].filter((sample) => sample !== last);
      return statisticsOf(0, rest).mean * (1 - momentum) * momentum + statisticsOf(0, [last]).mean * (1 - momentum);
    });
    const change = trained.parameters[places.mean]! - 0.5 * momentum ** 2;
    expect(Math.min(...ends.map((end) => Math.abs(end - change)))).to.be.below(1e-5);
    expect(four.parameters[places.mean]).to.be.closeTo(
      0.5 * momentum + statisticsOf(0, [0, 1, 2, 3]).mean * 0.25,
      1e-5,
    );
    await compiled.dispose();
    await filled.dispose();
  });

  it('takes all rows that a sample has become into the statistics', async () => {
    const nodes = [
      createNode('Reshape', ['x', 'rows'], ['r']),
      createNode('BatchNormalization', ['r', 'scale', 'bias', 'mean', 'variance'], ['n'], {
        momentum: float(momentum),
      }),
      createNode('Reshape', ['n', 'samples'], ['s']),
      createNode('Gemm', ['s', 'wide', 'b'], ['y']),
    ];
    const { w: _, ...kept } = Object.fromEntries(model.initializers);
    const initializers = new Map<string, ConstantTensor>([
      ...Object.entries(kept),
      ['wide', floatTensor([6, 2], Array(12).fill(0.1))],
      ['rows', integerTensor([2], [-1, 3])],
      ['samples', integerTensor([2], [-1, 6])],
    ]);
    const pairs = { inputShape: [6], classes: 2 };
    const bytes = writeModel({ ...model, nodes, initializers }, pairs);
    const compiled = await createOnnxEngine().compile({ kind: 'onnx', bytes, ...pairs }, plan);
    const two = { ...pairs, count: 2, features: data.features.slice(0, 12), labels: data.labels.slice(0, 2) };
    const { parameters } = await compiled.trainLocally(compiled.initialParameters(''), two, { seed: 'a' });
    for (let column = 0; column < 3; column++) {
      const before = model.initializers.get('mean')!.data[column]!;
      const { mean } = statisticsOf(column, [0, 1, 2, 3]);
      expect(parameters[places.mean + column]).to.be.closeTo(before * momentum + mean * (1 - momentum), 1e-5);
    }
    await compiled.dispose();
  });

  it('keeps the statistics of the file where they are frozen, and trains the rest', async () => {
    const compiled = await compile({}, 'frozen');
    expect(compiled.layout.tensors.map(({ name }) => name)).to.deep.equal(['scale', 'bias', 'w', 'b']);
    const { parameters } = await compiled.trainLocally(compiled.initialParameters(''), data, { seed: 'a' });
    expect([...parameters]).not.to.deep.equal([...compiled.initialParameters('')]);
    const { initializers } = readModel(compiled.exportOnnx(parameters));
    expect(initializers.get('mean')).to.deep.equal(model.initializers.get('mean'));
    expect(initializers.get('variance')).to.deep.equal(model.initializers.get('variance'));
    await compiled.dispose();
  });

  it('is evaluated by the running statistics, sample by sample', async () => {
    const compiled = await compile();
    const parameters = compiled.initialParameters('');
    const whole = await compiled.evaluate(parameters, data);
    const losses = await Promise.all(
      [0, 1, 2, 3, 4].map(async (sample) => {
        const features = data.features.slice(sample * 3, sample * 3 + 3);
        const labels = data.labels.slice(sample, sample + 1);
        return (await compiled.evaluate(parameters, { ...data, features, labels, count: 1 })).loss;
      }),
    );
    expect(losses.reduce((sum, loss) => sum + loss, 0) / 5).to.be.closeTo(whole.loss, 1e-6);
    await compiled.dispose();
  });

  it('has a value where noise took a variance below zero: in training, evaluation and export', async () => {
    const compiled = await compile();
    const noisy = compiled.initialParameters('');
    noisy[places.variance] = -0.25;
    const atZero = noisy.with(places.variance, 0);
    expect(await compiled.evaluate(noisy, data)).to.deep.equal(await compiled.evaluate(atZero, data));
    expect(compiled.exportOnnx(noisy)).to.deep.equal(compiled.exportOnnx(atZero));
    const trained = (start: Float32Array) => compiled.trainLocally(start, data, { seed: 'a' });
    expect((await trained(noisy)).parameters).to.deep.equal((await trained(atZero)).parameters);
    await compiled.dispose();
  });
});
