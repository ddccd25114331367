/** Who takes part in a simulation: the trainers' shards, the evaluators' validation data, and data that nobody trains on. */
import { createRandom, type Random, shuffleInPlace } from '../core/random.ts';
import { selectSamples } from '../training/data/dataset.ts';
import { loadMnistDigits } from '../training/data/mnist.ts';
import { type Partitioner, partitionDataset } from '../training/data/partition.ts';
import type { CompiledModel, Dataset, TrainingPlan } from '../training/engine.ts';
import { createOnnxEngine } from '../training/onnx/engine.ts';

export interface PopulationOptions {
  trainers: number;
  evaluators: number;
  partition: Partitioner;
  /** Data that keep arriving, or the same in every round. */
  data: 'arriving' | 'standing';
  seed: string;
}

export interface Population {
  /** One for each trainer. */
  shards: readonly Dataset[];
  /** One for each evaluator. */
  validation: readonly Dataset[];
  test: Dataset;
  /** Samples of its shard that a trainer trains on in a round. */
  samplesOfRound: number;
}

const samplesOfTrainer = 200;
const samplesOfRound = { arriving: 40, standing: Number.POSITIVE_INFINITY };
const samplesOfEvaluator = 600;
const samplesOfTest = 2_000;
/** Pixels of the pictures that are averaged into one, each way. */
const pooled = 2;
const side = 28;

/**
 * Handwritten digits at a quarter of their pixels, and an affine model: small enough for hundreds of rounds, and slow enough
 * that there is something to learn in each.
 */
export const plan: TrainingPlan = {
  optimizer: { name: 'sgd' },
  learningRate: 0.2,
  epochs: 1,
  batchSize: 20,
  proximalMu: 0,
  loss: 'softmaxCrossEntropy',
};

export async function createPopulation(options: PopulationOptions): Promise<Population> {
  const { trainers, evaluators, partition, data, seed } = options;
  const digits = poolPixels(await loadMnistDigits());
  const order = Array.from({ length: digits.count }, (_, index) => index);
  shuffleInPlace(order, createRandom(seed, 'simulator', 'split'));
  const test = selectSamples(digits, order.slice(0, samplesOfTest));
  const split = samplesOfTest + evaluators * samplesOfEvaluator;
  const validation = Array.from({ length: evaluators }, (_, index) => {
    const start = samplesOfTest + index * samplesOfEvaluator;
    return selectSamples(digits, order.slice(start, start + samplesOfEvaluator));
  });
  const training = selectSamples(digits, order.slice(split, split + trainers * samplesOfTrainer));
  const shards = partitionDataset(training, partition, trainers, seed);
  return { shards, validation, test, samplesOfRound: samplesOfRound[data] };
}

export function compileModel({ test }: Population): Promise<CompiledModel> {
  return createOnnxEngine().compile({ kind: 'logistic', inputShape: test.inputShape, classes: test.classes }, plan);
}

function poolPixels(digits: Dataset): Dataset {
  const small = side / pooled;
  const size = small * small;
  const features = new Float32Array(digits.count * size);
  for (let i = 0; i < digits.features.length; i++) {
    const pixel = i % (side * side);
    const row = Math.floor(pixel / side / pooled);
    const place = row * small + Math.floor((pixel % side) / pooled);
    features[Math.floor(i / (side * side)) * size + place]! += digits.features[i]! / pooled ** 2;
  }
  return { ...digits, features, inputShape: [size] };
}

/** What a trainer trains on in a round: what it has met since the last one, or all that it has. */
export function sampleOfRound({ samplesOfRound }: Population, shard: Dataset, random: Random): Dataset {
  const indices = Array.from({ length: shard.count }, (_, index) => index);
  shuffleInPlace(indices, random);
  return selectSamples(shard, indices.slice(0, samplesOfRound));
}
