import { expect } from 'chai';
import { createRandom } from '../../../../client/core/random.ts';
import type { Dataset } from '../../../../client/training/engine.ts';
import { createLayout } from '../../../../client/training/layout.ts';
import { buildModel } from '../../../../client/training/models/standard.ts';
import { analyse } from '../../../../client/training/onnx/analysis.ts';
import { createOnnxEngine } from '../../../../client/training/onnx/engine.ts';
import { createRuntime } from '../../../../client/training/onnx/session.ts';
import { train } from '../../../../client/training/onnx/train.ts';
import { buildTrainingGraph } from '../../../../client/training/onnx/trainingGraph.ts';
import { createPlan } from '../../plan.ts';

const task = { inputShape: [600], classes: 10 };
const random = createRandom('noise.test');
const count = 20;
const data: Dataset = {
  features: Float32Array.from({ length: count * 600 }, () => random.normal()),
  labels: Int32Array.from({ length: count }, () => random.below(10)),
  count,
  ...task,
};
/** Each step sees all samples. */
const plan = createPlan({ learningRate: 0.5, batchSize: count });
const clipNorm = 0.25;
const quiet = { clipNorm, noiseMultiplier: 1e-12 };

function deviationOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

describe('the noise of private training', () => {
  it('has the deviation that the budget counts on, on the sum of clipped gradients, anew in each step and each time', async () => {
    const noiseMultiplier = 3;
    for (const epochs of [1, 4]) {
      const model = await createOnnxEngine().compile(
        { kind: 'logistic', ...task },
        { ...plan, epochs, learningRate: 1e-3 },
      );
      const start = model.initialParameters('1');
      const run = async (privacy: { clipNorm: number; noiseMultiplier: number }) =>
        (await model.trainLocally(start, data, { seed: '1', privacy })).parameters;
      const [plain, noised, again] = [
        await run(quiet),
        await run({ clipNorm, noiseMultiplier }),
        await run({ clipNorm, noiseMultiplier }),
      ];
      // of a sum over steps, times the learning rate, over the expected samples; 6,010 draws tell it to a percent
      const expected = (Math.sqrt(epochs) * 1e-3 * noiseMultiplier * clipNorm) / count;
      const noise = noised.map((value, place) => value - plain[place]!);
      expect(deviationOf(noise) / expected, `${epochs} steps`).to.be.within(0.95, 1.05);
      expect(deviationOf(noised.map((value, place) => value - again[place]!)) / (Math.SQRT2 * expected)).to.be.within(
        0.95,
        1.05,
      );
      await model.dispose();
    }
  });

  it('is all that is added: without it, and where no gradient is too long, training is as ever, step after step', async () => {
    const optimizer = { name: 'momentum', momentum: 0.9 } as const;
    const model = await createOnnxEngine().compile({ kind: 'logistic', ...task }, { ...plan, optimizer, epochs: 5 });
    const start = model.initialParameters('1');
    const { parameters: plain } = await model.trainLocally(start, data, { seed: '1' });
    const unbounded = { clipNorm: 1e4, noiseMultiplier: 1e-16 };
    const { parameters } = await model.trainLocally(start, data, { seed: '1', privacy: unbounded });
    const change = plain.map((value, place) => value - start[place]!);
    expect(deviationOf(parameters.map((value, place) => value - plain[place]!))).to.be.below(
      1e-5 * deviationOf(change),
    );
    await model.dispose();
  });

  it('comes once for a sample that takes several batches of the graph, whose gradients are added up first', async () => {
    const model = buildModel({ kind: 'logistic', ...task });
    const { parameters } = analyse(model, task, 2);
    const layout = createLayout(parameters.map((name) => ({ name, shape: model.initializers.get(name)!.shape })));
    const start = Float32Array.from({ length: layout.dimension }, () => random.normal() / 20);
    const runtime = createRuntime();
    /** With so many samples in a step of the graph. */
    async function run(batch: number, noiseMultiplier: number): Promise<Float32Array> {
      const privacy = { clipNorm, noiseMultiplier };
      const momentum = { ...plan, optimizer: { name: 'momentum', momentum: 0.9 }, epochs: 3 } as const;
      const privately = { privacy, expectedSamples: count };
      const graph = buildTrainingGraph(model, analyse(model, task, batch), momentum, task, batch, privately);
      const session = await runtime.createSession(graph.bytes);
      const trainer = { session, graph, layout, plan: momentum, batch, privacy, sliceSeconds: 1e-4 };
      return (await train(trainer, start, data, task.inputShape, { seed: '1' })).parameters;
    }
    const [whole, inPieces] = [await run(count, 1e-12), await run(3, 1e-12)];
    const change = whole.map((value, place) => value - start[place]!);
    expect(deviationOf(inPieces.map((value, place) => value - whole[place]!))).to.be.below(1e-5 * deviationOf(change));
    expect(deviationOf(change)).to.be.above(1e-4);
    const noises = [await run(count, 2), await run(3, 2)].map((noised) =>
      deviationOf(noised.map((value, place) => value - whole[place]!)),
    );
    expect(noises[1]! / noises[0]!).to.be.within(0.9, 1.1);
    await runtime.dispose();
  });
});
