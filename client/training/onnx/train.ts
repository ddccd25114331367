/** Runs the training graph slice by slice, so that progress shows and an abort is heard. */
import { createRandom } from '../../core/random.ts';
import { createSecureRandom, type SecureRandom } from '../../core/secureRandom.ts';
import { checkAborted, checkConverged } from '../checks.ts';
import type {
  Dataset,
  ParameterLayout,
  RecordPrivacy,
  TrainedParameters,
  TrainingPlan,
  TrainOptions,
} from '../engine.ts';
import { elementCount } from '../layout.ts';
import { type Batches, createPoissonSchedule, createSchedule } from '../schedule.ts';
import { optimizerOf } from './optimizers.ts';
import { type Feeds, floats, type Session, type Tensor, zeros } from './session.ts';
import { type Mask, names, type TrainingGraph } from './trainingGraph.ts';

export interface Trainer {
  session: Session;
  graph: TrainingGraph;
  layout: ParameterLayout;
  plan: TrainingPlan;
  /** Samples in a step of the graph. */
  batch: number;
  privacy?: RecordPrivacy | undefined;
  /** About how long one run of the graph may take; the bits do not depend on it. */
  sliceSeconds: number;
}

/** Draws the masks of dropout, each from a stream of its own that runs through the whole training. */
function createMasks(masks: readonly Mask[], seed: string): (steps: number) => Feeds {
  const streams = masks.map((mask, place) => ({ ...mask, random: createRandom(seed, 'dropout', place) }));
  return (steps) =>
    Object.fromEntries(
      streams.map(({ name, shape, keep, random }) => {
        const bits = new Uint8Array(steps * elementCount(shape));
        for (let i = 0; i < bits.length; i++) bits[i] = random.float() < keep ? 1 : 0;
        return [name, { type: 'uint8' as const, data: bits, dims: [steps, ...shape] }];
      }),
    );
}

/** The carried tensors at the start: the parameters, then the optimiser's zeros. */
function initialState({ graph, layout }: Trainer, parameters: Float32Array): Tensor[] {
  return graph.carried.map((shape, place) => {
    const tensor = layout.tensors[place];
    return tensor ? floats(parameters.slice(tensor.offset, tensor.offset + tensor.size), shape) : zeros(shape);
  });
}

/** What stays the same from slice to slice. */
function fixedFeeds({ layout, plan }: Trainer, data: Dataset, inputShape: readonly number[], start: Tensor[]): Feeds {
  const targets: Tensor =
    data.labels instanceof Int32Array
      ? { type: 'int32', data: data.labels, dims: [data.count] }
      : floats(data.labels, [data.count, data.classes]);
  const anchors = layout.tensors.map((_, place) => [names.start(place), start[place]!] as const);
  return {
    [names.features]: floats(data.features, [data.count, ...inputShape]),
    [names.targets]: targets,
    ...(plan.proximalMu > 0 ? Object.fromEntries(anchors) : {}),
  };
}

/** `appliedBefore` counts the steps of the optimiser until here. */
function sliceFeeds(
  { plan, batch }: Trainer,
  { steps, order, weights, applies }: Batches,
  appliedBefore: number,
): Feeds {
  const { rates } = optimizerOf(plan);
  let applied = appliedBefore;
  const rows = Array.from({ length: steps }, (_, step) => {
    const row = rates(applied + 1);
    applied += applies?.[step] ?? 1;
    return row;
  });
  const rateCount = rows[0]!.length;
  return {
    [names.steps]: { type: 'int64', data: BigInt64Array.of(BigInt(steps)), dims: [] },
    [names.order]: { type: 'int32', data: order, dims: [steps, batch] },
    [names.weights]: floats(weights, [steps, batch, 1]),
    ...(rateCount > 0 ? { [names.rates]: floats(Float32Array.from(rows.flat()), [steps, rateCount]) } : {}),
    ...(applies && { [names.applies]: { type: 'bool' as const, data: applies, dims: [steps] } }),
  };
}

/** Noise for the steps that apply their gradients; the others get none. */
function drawNoise({ graph, privacy }: Trainer, { steps, applies }: Batches, random: SecureRandom): Feeds {
  if (privacy === undefined) return {};
  const deviation = privacy.noiseMultiplier * privacy.clipNorm;
  return Object.fromEntries(
    graph.noise.map((shape, place) => {
      const size = elementCount(shape);
      const noise = new Float32Array(steps * size);
      for (let step = 0; step < steps; step++) {
        if (applies![step] === 1) random.fillNormal(noise.subarray(step * size, (step + 1) * size), deviation);
      }
      return [names.noise(place), floats(noise, [steps, ...shape])];
    }),
  );
}

/** The most bytes of noise in one run of the graph. */
const mostNoiseBytes = 2 ** 26;

interface Slice {
  batches: Batches;
  /** All that the graph takes but what it carries. */
  feeds: Feeds;
}

/** What the runs of the graph take, one after the other; undefined at the end. However it is sliced, it is the same. */
function createSlices(trainer: Trainer, count: number, seed: string): (steps: number) => Slice | undefined {
  const { graph, plan, batch, privacy } = trainer;
  const random = createSecureRandom();
  const schedule =
    privacy === undefined
      ? createSchedule(count, batch, plan.epochs, seed)
      : createPoissonSchedule(count, batch, plan, random);
  const noiseBytes = 4 * sum(graph.noise.map(elementCount));
  const mostSteps = noiseBytes === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(mostNoiseBytes / noiseBytes));
  const drawMasks = createMasks(graph.masks, seed);
  let appliedBefore = 0;
  return (steps) => {
    const batches = schedule.take(Math.min(steps, mostSteps));
    if (batches.steps === 0) return undefined;
    const scheduled = sliceFeeds(trainer, batches, appliedBefore);
    appliedBefore += batches.applies === undefined ? batches.steps : sum([...batches.applies]);
    const feeds = { ...scheduled, ...drawNoise(trainer, batches, random), ...drawMasks(batches.steps) };
    return { batches, feeds };
  };
}

export async function train(
  trainer: Trainer,
  parameters: Float32Array,
  data: Dataset,
  inputShape: readonly number[],
  { seed, onProgress, signal }: TrainOptions,
): Promise<TrainedParameters> {
  const { session, layout, plan, sliceSeconds, privacy } = trainer;
  const started = performance.now();
  const nextSlice = createSlices(trainer, data.count, seed);
  const samplesTotal = data.count * plan.epochs;
  let carried = initialState(trainer, parameters);
  await session.bind(fixedFeeds(trainer, data, inputShape, carried));
  let samplesDone = 0;
  let lossSum = 0;
  let lossSamples = 0;
  let sliceSteps = 4;

  for (let slice = nextSlice(sliceSteps); slice !== undefined; ) {
    checkAborted(signal);
    const sliceStarted = performance.now();
    const { batches, feeds } = slice;
    const state = carried.map((tensor, place) => [names.carried(place), tensor] as const);
    const running = session.run({ ...feeds, ...Object.fromEntries(state) });
    slice = nextSlice(sliceSteps); // while the other thread computes
    const results = await running;
    carried = carried.map((_, place) => results[names.result(place)]!);
    const losses = results[names.losses]!.data as Float32Array;
    checkConverged(losses, plan);
    losses.forEach((loss, step) => {
      samplesDone += batches.samples[step]!;
      if (batches.epochs[step] !== plan.epochs - 1) return;
      lossSum += privacy === undefined ? loss * batches.samples[step]! : loss;
      lossSamples += batches.samples[step]!;
    });
    const progress = { samplesDone: Math.min(samplesDone, samplesTotal), samplesTotal };
    onProgress?.({ epoch: batches.epochs.at(-1)! + 1, epochs: plan.epochs, ...progress });
    const stepSeconds = (performance.now() - sliceStarted) / 1000 / batches.steps;
    sliceSteps = Math.max(1, Math.min(Math.floor(sliceSeconds / stepSeconds), 8 * batches.steps));
  }

  await session.bind({}); // lets go of the shard
  const trained = new Float32Array(layout.dimension);
  for (const [place, { offset }] of layout.tensors.entries()) trained.set(carried[place]!.data as Float32Array, offset);
  checkConverged(trained, plan);
  return {
    parameters: trained,
    loss: lossSum / Math.max(1, lossSamples),
    samples: samplesTotal,
    seconds: (performance.now() - started) / 1000,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
