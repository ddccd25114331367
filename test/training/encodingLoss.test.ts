/**
 * Fixed-point updates cost no accuracy: federated averaging with the protocol's integers against the same runs in plain
 * floating point (McMahan et al., algorithm 1). 2NN, five trainers, Dirichlet(0.5), five rounds, three seeds.
 */
import { expect } from 'chai';
import { aggregateModel } from '../../client/core/aggregate.ts';
import { decodeModel, encodeModel, encodeUpdate } from '../../client/core/codec.ts';
import { createRandom } from '../../client/core/random.ts';
import { prepareUpdate } from '../../client/core/verify.ts';
import { splitHeldOut } from '../../client/training/data/dataset.ts';
import { loadMnistDigits } from '../../client/training/data/mnist.ts';
import { partitionDataset, partitionDirichlet } from '../../client/training/data/partition.ts';
import type { CompiledModel, Dataset } from '../../client/training/engine.ts';
import { createOnnxEngine } from '../../client/training/onnx/engine.ts';

const rounds = 5;
const trainers = 5;
const seeds = ['1', '2', '3'];

interface Run {
  model: CompiledModel;
  shards: Dataset[];
  seed: string;
}

async function trainAll({ model, shards, seed }: Run, round: number, global: Float32Array): Promise<Float32Array[]> {
  const updates: Float32Array[] = [];
  for (const [index, shard] of shards.entries()) {
    const { parameters } = await model.trainLocally(global, shard, { seed: `${seed}/${index}/${round}` });
    updates.push(parameters.map((value, i) => value - global[i]!));
  }
  return updates;
}

async function runFloat(run: Run): Promise<Float32Array> {
  const total = run.shards.reduce((sum, { count }) => sum + count, 0);
  let global = run.model.initialParameters(run.seed);
  for (let round = 1; round <= rounds; round++) {
    const updates = await trainAll(run, round, global);
    global = global.map((value, i) => {
      const mean = updates.reduce((sum, update, j) => sum + update[i]! * run.shards[j]!.count, 0) / total;
      return value + mean;
    });
  }
  return global;
}

async function runEncoded(run: Run): Promise<Float32Array> {
  let model = encodeModel(run.model.initialParameters(run.seed));
  for (let round = 1; round <= rounds; round++) {
    const updates = await trainAll(run, round, decodeModel(model));
    const verified = updates.map((update, j) => {
      const { values } = encodeUpdate(update, createRandom(run.seed, 'rounding', j, round));
      return prepareUpdate(`0x${String(j).padStart(40, '0')}`, run.shards[j]!.count, values);
    });
    model = aggregateModel({ name: 'mean', trimBasisPoints: 0 }, model, verified);
  }
  return decodeModel(model);
}

describe('encoding', () => {
  it('loses at most 0.2 points of accuracy against plain float federated averaging, over three seeds', async () => {
    const plan = { optimizer: { name: 'sgd' as const }, learningRate: 0.1, epochs: 5, batchSize: 10, proximalMu: 0 };
    const digits = await loadMnistDigits();
    let floatSum = 0;
    let encodedSum = 0;
    await Promise.all(
      seeds.map(async (seed) => {
        const model = await createOnnxEngine().compile(
          { kind: '2nn', inputShape: [1, 28, 28], classes: 10 },
          { ...plan, loss: 'softmaxCrossEntropy' },
        );
        const { training, heldOut } = splitHeldOut(digits, 0.2, seed);
        const shards = partitionDataset(training, partitionDirichlet(0.5), trainers, seed);
        const run = { model, shards, seed };
        const float = (await model.evaluate(await runFloat(run), heldOut)).accuracy;
        const encoded = (await model.evaluate(await runEncoded(run), heldOut)).accuracy;
        if (process.env.TRIBUTARY_SHOW_FIGURES) console.log({ seed, float, encoded });
        floatSum += float;
        encodedSum += encoded;
        await model.dispose();
      }),
    );
    expect((100 * (floatSum - encodedSum)) / seeds.length).to.be.at.most(0.2);
    expect((100 * encodedSum) / seeds.length).to.be.at.least(93);
  });
});
