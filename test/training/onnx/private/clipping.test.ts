import { expect } from 'chai';
import { createRandom } from '../../../../client/core/random.ts';
import type { CompiledModel, Dataset, ModelDefinition } from '../../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../../client/training/onnx/engine.ts';
import { writeModel } from '../../../../client/training/onnx/model.ts';
import { createNode, float } from '../../../../client/training/onnx/node.ts';
import type { NodeProto } from '../../../../client/training/onnx/proto.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../../../../client/training/onnx/tensor.ts';
import { expectRejection } from '../../data/rejection.ts';
import { createPlan } from '../../plan.ts';

const plan = createPlan({
  learningRate: 0.5,
  batchSize: 1_000_000, // so the sampling rate is 1 and each step sees all
});
/** So little noise that it shows nowhere. */
const quiet = (clipNorm: number) => ({ clipNorm, noiseMultiplier: 1e-12 });

function randomTensor(shape: readonly number[], label: string): ConstantTensor {
  const random = createRandom('clipping', label);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return floatTensor(
    shape,
    Float32Array.from({ length: size }, () => random.normal() / 2),
  );
}

function dataOf(inputShape: readonly number[], classes: number, count = 6): Dataset {
  const random = createRandom('clipping', 'data');
  const size = inputShape.reduce((product, extent) => product * extent, 1);
  return {
    features: Float32Array.from({ length: count * size }, () => random.normal()),
    labels: Int32Array.from({ length: count }, (_, index) => index % classes),
    count,
    inputShape,
    classes,
  };
}

interface Written {
  nodes: NodeProto[];
  initializers: Record<string, ConstantTensor>;
  inputShape: number[];
}

function definitionOf({ nodes, initializers, inputShape }: Written, classes = 3): ModelDefinition {
  const shape = { inputShape, classes };
  const model = { input: 'x', output: 'y', nodes, initializers: new Map(Object.entries(initializers)), opset: 18 };
  return { kind: 'onnx', bytes: writeModel(model, shape), ...shape };
}

/** Each model meets its weights in other ways. */
const models: Record<string, ModelDefinition> = {
  'dense layers': { kind: '2nn', inputShape: [7], classes: 3 },
  'convolutions and pooling': { kind: 'cnn', inputShape: [1, 8, 8], classes: 3 },
  'matrices behind a transpose, with a bias and a scale added by hand': definitionOf({
    nodes: [
      createNode('Transpose', ['w'], ['wt'], { perm: [1, 0] }),
      createNode('MatMul', ['x', 'wt'], ['h']),
      createNode('Add', ['h', 'b'], ['hb']),
      createNode('Mul', ['hb', 's'], ['hs']),
      createNode('Tanh', ['hs'], ['t']),
      createNode('Gemm', ['t', 'v'], ['y'], { transB: 1 }),
    ],
    initializers: {
      w: randomTensor([5, 4], 'w'),
      b: randomTensor([5], 'b'),
      s: randomTensor([1, 5], 's'),
      v: randomTensor([3, 5], 'v'),
    },
    inputShape: [4],
  }),
  'products with factors of their own': definitionOf({
    nodes: [
      createNode('Gemm', ['x', 'w', 'b'], ['h'], { alpha: float(3), beta: float(-0.25) }),
      createNode('Tanh', ['h'], ['t']),
      createNode('Gemm', ['t', 'v', 'c'], ['y'], { alpha: float(0.5), beta: float(4), transB: 1 }),
    ],
    initializers: {
      w: randomTensor([4, 5], 'w'),
      b: randomTensor([5], 'b'),
      v: randomTensor([3, 5], 'v'),
      c: randomTensor([1, 3], 'c'),
    },
    inputShape: [4],
  }),
  'a matrix for every place of a short sequence, and of a long one': definitionOf({
    nodes: [
      createNode('MatMul', ['x', 'w'], ['h']),
      createNode('Relu', ['h'], ['r']),
      createNode('MatMul', ['r', 'u'], ['g']),
      createNode('ReduceMean', ['g', 'axes'], ['y'], { keepdims: 0 }),
    ],
    initializers: {
      w: randomTensor([6, 8], 'w'),
      u: randomTensor([8, 3], 'u'), // 5 · 5 > 8 · 3: the other way of computing
      axes: integerTensor([1], [1]),
    },
    inputShape: [5, 6],
  }),
  'grouped, strided and dilated convolutions': definitionOf({
    nodes: [
      createNode('Conv', ['x', 'k', 'kb'], ['c'], { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] }),
      createNode('Relu', ['c'], ['r']),
      createNode('Conv', ['r', 'l'], ['d'], { dilations: [2, 1] }),
      createNode('GlobalAveragePool', ['d'], ['p']),
      createNode('Flatten', ['p'], ['y']),
    ],
    initializers: {
      k: randomTensor([6, 2, 3, 3], 'k'),
      kb: randomTensor([6], 'kb'),
      l: randomTensor([3, 6, 2, 2], 'l'),
    },
    inputShape: [4, 8, 9],
  }),
};

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** One step on each sample by itself, without privacy: its gradient times the learning rate. */
async function gradientsOfSamples(model: CompiledModel, start: Float32Array, data: Dataset): Promise<Float32Array[]> {
  const size = data.inputShape.reduce((product, extent) => product * extent, 1);
  const gradients: Float32Array[] = [];
  for (let sample = 0; sample < data.count; sample++) {
    const own = {
      ...data,
      features: data.features.slice(sample * size, (sample + 1) * size),
      labels: data.labels.slice(sample, sample + 1) as Int32Array,
      count: 1,
    };
    const { parameters } = await model.trainLocally(start, own, { seed: '1' });
    gradients.push(parameters.map((value, place) => (start[place]! - value) / plan.learningRate));
  }
  return gradients;
}

describe('the gradient of each sample', () => {
  const engine = createOnnxEngine();
  for (const [name, definition] of Object.entries(models)) {
    it(`is clipped by itself, of ${name}`, async () => {
      const model = await engine.compile(definition, plan);
      const start = model.initialParameters('1');
      const data = dataOf(definition.inputShape, definition.classes);
      const gradients = await gradientsOfSamples(model, start, data);
      const norms = gradients.map(norm).sort((a, b) => a - b);
      const clipNorm = (norms[2]! + norms[3]!) / 2; // half of them are clipped
      const expected = start.slice();
      for (const gradient of gradients) {
        const factor = Math.min(1, clipNorm / norm(gradient)) / data.count;
        gradient.forEach((value, place) => {
          expected[place]! -= plan.learningRate * factor * value;
        });
      }
      const { parameters } = await model.trainLocally(start, data, { seed: '1', privacy: quiet(clipNorm) });
      const error = norm(parameters.map((value, place) => value - expected[place]!));
      expect(error).to.be.below(2e-5 * norm(expected.map((value, place) => value - start[place]!)) + 1e-6);
      await model.dispose();
    });
  }

  const refused: Record<string, [Written, RegExp]> = {
    'a normalisation by the batch, which mixes samples': [
      {
        nodes: [
          createNode('BatchNormalization', ['x', 's', 'b', 'm', 'v'], ['n']),
          createNode('MatMul', ['n', 'w'], ['y']),
        ],
        initializers: {
          ...{ s: floatTensor([4], [1, 1, 1, 2]), b: floatTensor([4], [0, 0, 1, 0]) },
          ...{ m: floatTensor([4], [0, 1, 0, 0]), v: floatTensor([4], [1, 2, 1, 1]), w: randomTensor([4, 3], 'w') },
        },
        inputShape: [4],
      },
      /BatchNormalization is not known to compute each sample by itself.*batchStatistics "frozen"/,
    ],
    'weights that are used twice': [
      {
        nodes: [
          createNode('MatMul', ['x', 'w'], ['h']),
          createNode('Relu', ['h'], ['r']),
          createNode('MatMul', ['r', 'w'], ['y']),
        ],
        initializers: { w: randomTensor([3, 3], 'w') },
        inputShape: [3],
      },
      /MatMul: the weights "w" are used twice/,
    ],
    'weights that are used twice, turned each time by a node of its own': [
      {
        nodes: [
          createNode('Transpose', ['w'], ['first'], { perm: [1, 0] }),
          createNode('Transpose', ['w'], ['second'], { perm: [1, 0] }),
          createNode('MatMul', ['x', 'first'], ['h']),
          createNode('Relu', ['h'], ['r']),
          createNode('MatMul', ['r', 'second'], ['y']),
        ],
        initializers: { w: randomTensor([3, 3], 'w') },
        inputShape: [3],
      },
      /Transpose: the weights "w" are used twice/,
    ],
    'weights of a node whose share of one sample is not known': [
      {
        nodes: [
          createNode('LayerNormalization', ['x', 's'], ['n'], { axis: -1 }),
          createNode('MatMul', ['n', 'w'], ['y']),
        ],
        initializers: { s: randomTensor([4], 's'), w: randomTensor([4, 3], 'w') },
        inputShape: [4],
      },
      /weights of LayerNormalization cannot be clipped.*freeze "s"/,
    ],
    'weights that are changed before they are used': [
      {
        nodes: [createNode('Exp', ['w'], ['e']), createNode('MatMul', ['x', 'e'], ['y'])],
        initializers: { w: randomTensor([4, 3], 'w') },
        inputShape: [4],
      },
      /Exp: it changes weights before they are used/,
    ],
  };
  for (const [name, [written, message]] of Object.entries(refused)) {
    it(`cannot be clipped of ${name}, which is refused with what to do`, async () => {
      const definition = definitionOf(written);
      const model = await engine.compile(definition, plan);
      const data = dataOf(definition.inputShape, definition.classes);
      const options = { seed: '1', privacy: quiet(1) };
      await expectRejection(
        () => model.trainLocally(model.initialParameters('1'), data, options),
        'OPERATOR_UNSUPPORTED',
        message,
      );
      await model.dispose();
    });
  }
});
