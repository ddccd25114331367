import { expect } from 'chai';
import { createRandom } from '../../../client/core/random.ts';
import type { Dataset } from '../../../client/training/engine.ts';
import { createLayout } from '../../../client/training/layout.ts';
import { analyse } from '../../../client/training/onnx/analysis.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { type InferenceModel, opset } from '../../../client/training/onnx/model.ts';
import { createNode } from '../../../client/training/onnx/node.ts';
import { createRuntime } from '../../../client/training/onnx/session.ts';
import { floatTensor } from '../../../client/training/onnx/tensor.ts';
import { train } from '../../../client/training/onnx/train.ts';
import { buildTrainingGraph } from '../../../client/training/onnx/trainingGraph.ts';
import { createPlan } from '../plan.ts';

const task = { inputShape: [6], classes: 3 };
const random = createRandom('train.test');
const data: Dataset = {
  features: Float32Array.from({ length: 23 * 6 }, () => random.normal()),
  labels: Int32Array.from({ length: 23 }, () => random.below(3)),
  count: 23,
  ...task,
};
const plan = createPlan({
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-6 },
  learningRate: 0.01,
  epochs: 40,
  batchSize: 5,
  proximalMu: 0.1,
});

/** A hidden layer of 8 with dropout. */
const shapes: Record<string, number[]> = { w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] };
const model: InferenceModel = {
  input: 'x',
  output: 'logits',
  nodes: [
    createNode('Gemm', ['x', 'w1', 'b1'], ['h']),
    createNode('Tanh', ['h'], ['a']),
    createNode('Dropout', ['a', 'ratio'], ['d']),
    createNode('Gemm', ['d', 'w2', 'b2'], ['logits']),
  ],
  initializers: new Map([
    ...Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [name, floatTensor(shape, new Float32Array(size))] as const;
    }),
    ['ratio', floatTensor([], [0.3])],
  ]),
  opset,
};

describe('training with the ONNX graph', () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());
  const layout = createLayout(Object.entries(shapes).map(([name, shape]) => ({ name, shape })));
  const start = Float32Array.from({ length: layout.dimension }, () => random.normal() / 3);

  async function run(seed: string, sliceSeconds: number) {
    const graph = buildTrainingGraph(model, analyse(model, task, 5), plan, task, 5);
    const session = await runtime.createSession(graph.bytes);
    let slices = 0;
    const onProgress = () => {
      slices += 1;
    };
    const trainer = { session, graph, layout, plan, batch: 5, sliceSeconds };
    const { parameters } = await train(trainer, start, data, task.inputShape, { seed, onProgress });
    await session.release();
    return { parameters, slices };
  }

  it('gives the same bits however it is cut into slices, dropout, Adam and FedProx included', async () => {
    const fine = await run('a', 0);
    const coarse = await run('a', 10);
    expect(fine.slices).to.be.above(190);
    expect(coarse.slices).to.be.below(8);
    expect(fine.parameters).to.deep.equal(coarse.parameters);
    expect((await run('b', 10)).parameters).not.to.deep.equal(coarse.parameters);
  });

  it('of two data sets at once gives what each gives alone', async () => {
    const compiled = await createOnnxEngine().compile({ kind: 'logistic', ...task }, plan);
    const other = { ...data, features: data.features.map((value) => -value) };
    const parameters = compiled.initialParameters('1');
    const trainOn = async (own: Dataset) => (await compiled.trainLocally(parameters, own, { seed: '1' })).parameters;
    const together = await Promise.all([trainOn(data), trainOn(other)]);
    expect(together).to.deep.equal([await trainOn(data), await trainOn(other)]);
    await compiled.dispose();
  });

  it('leaves the calling thread free', async () => {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    const many = { ...plan, epochs: 4000 };
    const graph = buildTrainingGraph(model, analyse(model, task, 5), many, task, 5);
    const session = await runtime.createSession(graph.bytes);
    const trainer = { session, graph, layout, plan: many, batch: 5, sliceSeconds: 0.2 };
    const { seconds } = await train(trainer, start, data, task.inputShape, { seed: 'a' });
    clearInterval(timer);
    expect(seconds).to.be.above(0.2);
    expect(ticks / seconds).to.be.above(100);
  });
});
