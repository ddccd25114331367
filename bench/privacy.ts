/**
 * What the privacy of records costs: the digits at five trainers of 1,600 samples, 2NN, without noise and with ε of 8, 3 and 1 (δ = 1e-5)
 * over five rounds, by federated averaging; and samples a second beside training without noise, in turn.
 */
import { calibrateNoise } from '../client/privacy/accounting/budget.ts';
import { selectSamples, splitHeldOut } from '../client/training/data/dataset.ts';
import { loadMnistDigits } from '../client/training/data/mnist.ts';
import { partitionIid } from '../client/training/data/partition.ts';
import type { CompiledModel, Dataset, RecordPrivacy, TrainingPlan } from '../client/training/engine.ts';
import { createOnnxEngine } from '../client/training/onnx/engine.ts';
import { poissonSteps } from '../client/training/schedule.ts';

const [trainers, rounds, delta] = [5, 5, 1e-5];
const plan: TrainingPlan = {
  optimizer: { name: 'momentum', momentum: 0.9 },
  learningRate: 2,
  epochs: 10,
  batchSize: 800,
  proximalMu: 0,
  loss: 'softmaxCrossEntropy',
};
/** Without noise a gradient is not clipped, and wants a smaller step. */
const plainPlan: TrainingPlan = { ...plan, learningRate: 0.1 };
const clipNorm = 0.3;

interface Outcome {
  accuracy: number;
  samplesPerSecond: number;
}

async function run(
  model: CompiledModel,
  shards: readonly Dataset[],
  heldOut: Dataset,
  privacy: RecordPrivacy | undefined,
): Promise<Outcome> {
  let global = model.initialParameters('1');
  let [samples, seconds] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const sum = new Float64Array(global.length);
    for (const [index, shard] of shards.entries()) {
      const trained = await model.trainLocally(global, shard, { seed: `${round}/${index}`, privacy });
      samples += trained.samples;
      seconds += trained.seconds;
      for (const [at, value] of trained.parameters.entries()) sum[at]! += value / trainers;
    }
    global = Float32Array.from(sum);
  }
  return { accuracy: (await model.evaluate(global, heldOut)).accuracy, samplesPerSecond: samples / seconds };
}

const digits = { ...(await loadMnistDigits()), inputShape: [784] };
const { training, heldOut } = splitHeldOut(digits, 0.2, '1');
const shards = partitionIid(training, trainers, '1').map((indices) => selectSamples(training, indices));
const definition = { kind: '2nn', inputShape: [784], classes: 10 } as const;
const [plain, noised] = [
  await createOnnxEngine().compile(definition, plainPlan),
  await createOnnxEngine().compile(definition, plan),
];
for (const epsilon of [undefined, 8, 3, 1]) {
  const { samplingRate, times } = poissonSteps(shards[0]!.count, plan);
  const privacy = epsilon && {
    clipNorm,
    noiseMultiplier: calibrateNoise({ epsilon, delta }, samplingRate, times * rounds),
  };
  const { accuracy, samplesPerSecond } = await run(privacy ? noised : plain, shards, heldOut, privacy || undefined);
  const noise = privacy ? `ε = ${epsilon}, noise ${privacy.noiseMultiplier.toFixed(2)}` : 'without noise';
  console.log(`${noise.padEnd(24)} ${(100 * accuracy).toFixed(1)} %  ${Math.round(samplesPerSecond)} samples/s`);
}
await Promise.all([plain.dispose(), noised.dispose()]);
