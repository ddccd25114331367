import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createRandom } from '../../../client/core/random.ts';
import type { CompiledModel, Dataset, TrainingPlan } from '../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { readModel } from '../../../client/training/onnx/read.ts';
import { createPlan } from '../plan.ts';

interface Given {
  inputShape: number[];
  classes: number;
  /** The place of a number in the sample, and the sample's class, to a number. */
  feature?: (place: number, label: number, random: () => number) => number;
  learningRate?: number;
}

const tokens = (place: number, label: number, random: () => number) =>
  place === 5 ? 0 : random() < 0.5 ? 1 + label * 3 + Math.floor(random() * 3) : 1 + Math.floor(random() * 11);

const table = (place: number, label: number, random: () => number) =>
  place < 3 ? random() * 2 + label * (place - 1) : Math.floor(random() * (place === 3 ? 5 : 3));

/** Files of test/training/onnx/files, as exporters wrote them. */
const files: Record<string, Given> = {
  'dynamo-encoder-layer': { inputShape: [6], classes: 3, feature: tokens },
  'dynamo-gru': { inputShape: [6, 4], classes: 3 },
  'dynamo-lstm': { inputShape: [6, 4], classes: 3 },
  'dynamo-mobile': { inputShape: [1, 12, 12], classes: 3 },
  'dynamo-resnet8': { inputShape: [3, 32, 32], classes: 4 },
  'dynamo-tabular': { inputShape: [5], classes: 2, feature: table },
  'dynamo-transformer': { inputShape: [6], classes: 3, feature: tokens },
  'keras-convolutions': { inputShape: [12, 12, 1], classes: 3 },
  'keras-gru-unrolled': { inputShape: [6, 4], classes: 3 },
  'keras-lstm-unrolled': { inputShape: [6, 4], classes: 3 },
  'keras-lstm': { inputShape: [6, 4], classes: 3 },
  'keras-tabular': { inputShape: [5], classes: 2, feature: table },
  'keras-transformer': { inputShape: [6], classes: 3, feature: tokens },
  'torch-gru': { inputShape: [6, 4], classes: 3 },
  'torch-lstm': { inputShape: [6, 4], classes: 3 },
  'torch-rnn': { inputShape: [6, 4], classes: 3 },
  'torch-resnet8': { inputShape: [3, 32, 32], classes: 4 },
  'torch-resnet8-folded': { inputShape: [3, 32, 32], classes: 4 },
  'torch-transformer': { inputShape: [6], classes: 3, feature: tokens },
  'torch-transformer-opset13': { inputShape: [6], classes: 3, feature: tokens },
  'torch-encoder-layer': { inputShape: [6], classes: 3, feature: tokens },
  'torch-tabular': { inputShape: [5], classes: 2, feature: table },
  'torch-mobile': { inputShape: [1, 12, 12], classes: 3 },
};

function dataOf({ inputShape, classes, feature }: Given, count: number): Dataset {
  const random = createRandom('exported');
  const size = inputShape.reduce((product, extent) => product * extent, 1);
  const labels = Int32Array.from({ length: count }, (_, sample) => sample % classes);
  const pixel = (place: number, label: number) => random.normal() / 2 + Math.sin((place * (label + 1)) / 7);
  const features = Float32Array.from({ length: count * size }, (_, i) =>
    (feature ?? pixel)(i % size, labels[Math.floor(i / size)]!, () => random.float()),
  );
  return { features, labels, count, inputShape, classes };
}

const plan = createPlan({ learningRate: 1, batchSize: 1000 });

function compile(name: string, { inputShape, classes }: Given, changes: Partial<TrainingPlan>): Promise<CompiledModel> {
  const bytes = readFileSync(new URL(`files/${name}.onnx`, import.meta.url));
  return createOnnxEngine().compile({ kind: 'onnx', bytes, inputShape, classes }, { ...plan, ...changes });
}

/** Names of the running statistics. */
function statisticsOf(bytes: Uint8Array): Set<string> {
  const normalisations = readModel(bytes).nodes.filter(({ opType }) => opType === 'BatchNormalization');
  return new Set(normalisations.flatMap(({ input }) => input!.slice(3)));
}

describe('a model as its exporter writes it', () => {
  for (const [name, given] of Object.entries(files)) {
    it(`${name}: every tensor's gradient is that of the loss`, async () => {
      const compiled = await compile(name, given, {});
      const data = dataOf(given, 12);
      const start = compiled.initialParameters('');
      const step = (parameters: Float32Array) => compiled.trainLocally(parameters, data, { seed: 'a' });
      const { parameters: after } = await step(start);
      const statistics = statisticsOf(compiled.exportOnnx(start));
      const gradient = start.map((value, place) => value - after[place]!);
      for (const { name: tensor, offset, size } of compiled.layout.tensors) {
        if (statistics.has(tensor)) gradient.fill(0, offset, offset + size);
      }
      const slope = async (direction: (place: number) => number) => {
        const { loss: above } = await step(start.map((value, place) => value + direction(place)));
        const { loss: below } = await step(start.map((value, place) => value - direction(place)));
        return (above - below) / 2;
      };

      const squaredNorm = gradient.reduce((sum, value) => sum + value ** 2, 0);
      const length = 1e-3 / Math.sqrt(squaredNorm);
      const steepest = (await slope((place) => length * gradient[place]!)) / length;
      expect(steepest, 'along the gradient').to.be.closeTo(squaredNorm, 0.02 * squaredNorm);
      const h = 2 ** -11; // small: a rectifier that changes sides spoils a larger difference
      for (const { name: tensor, offset, size } of compiled.layout.tensors) {
        if (statistics.has(tensor)) continue;
        for (const coordinate of new Set([offset, offset + Math.floor(size / 2), offset + size - 1])) {
          const difference = (await slope((place) => (place === coordinate ? h : 0))) / h;
          const label = `${tensor}[${coordinate - offset}]`;
          expect(gradient[coordinate], label).to.be.closeTo(difference, 2e-3 + 0.03 * Math.abs(difference));
        }
      }
      await compiled.dispose();
    });

    it(`${name}: learns, is evaluated and exported`, async () => {
      const optimizer = { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-7 } as const;
      const compiled = await compile(name, given, { optimizer, learningRate: 0.01, epochs: 20, batchSize: 7 });
      const data = dataOf(given, 40);
      const start = compiled.initialParameters('');
      const before = await compiled.evaluate(start, data);
      const trained = await compiled.trainLocally(start, data, { seed: 'a' });
      const after = await compiled.evaluate(trained.parameters, data);
      expect(after.loss).to.be.below(before.loss * 0.8);
      expect(after.accuracy).to.be.above(0.6);
      const bytes = compiled.exportOnnx(trained.parameters);
      const again = await createOnnxEngine().compile({ kind: 'onnx', bytes, ...data }, plan);
      expect((await again.evaluate(again.initialParameters(''), data)).loss).to.be.closeTo(after.loss, 1e-5);
      await compiled.dispose();
      await again.dispose();
    });
  }
});
