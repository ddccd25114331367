/**
 * Local training as one ONNX graph: a Loop over the batches, whose body gathers the batch from the shard, runs the model
 * forward and backward, and applies the optimiser. Parameters and the optimiser's state are carried from step to step.
 */
import { labelsAreClasses, type RecordPrivacy, type TaskShape, type TrainingPlan } from '../engine.ts';
import type { Analysis } from './analysis.ts';
import { addBackward, addForward } from './differentiate.ts';
import { createGraph, type GraphBuilder, valueInfo } from './graph.ts';
import { losses } from './losses.ts';
import { encodeGraph, type InferenceModel, opset } from './model.ts';
import { addProximalTerm, optimizerOf } from './optimizers.ts';
import { addNoisyGradients } from './private/noisyGradients.ts';
import type { GraphProto, ValueInfoProto } from './proto.ts';
import type { Shape } from './tensor.ts';

/** Names of the graph's inputs and outputs. */
export const names = {
  steps: 'steps',
  /** The shard: [count, …inputShape] */
  features: 'features',
  /** [count] int32, or [count, outputs] float32 */
  targets: 'targets',
  /** Which samples make up each batch: [steps, batch] int32 */
  order: 'order',
  /** Each sample's weight in the mean; 0 where the last batch of an epoch is filled up: [steps, batch, 1] */
  weights: 'weights',
  /** The optimiser's numbers for each step: [steps, rates] */
  rates: 'rates',
  /** Of private training: whether a step is the last of its sample, [steps] bool, and the noise for each trained parameter, [steps, …shape]. */
  applies: 'applies',
  noise: (place: number) => `noise.${place}`,
  /** Mean loss of each batch; of private training the sum: [steps] */
  losses: 'losses',
  /** A carried tensor, before and after. */
  carried: (place: number) => `carried.${place}`,
  result: (place: number) => `result.${place}`,
  /** A parameter at the start of the round, for the proximal term. */
  start: (place: number) => `start.${place}`,
} as const;

/** A random mask that the caller feeds: [steps, …shape] of 0 and 1 (uint8). */
export interface Mask {
  name: string;
  shape: Shape;
  /** Probability of 1. */
  keep: number;
}

/** The ONNX bytes of a graph that makes one step of training; `masks` are what dropout draws for it. */
export interface TrainingGraph {
  bytes: Uint8Array;
  masks: readonly Mask[];
  /** Shapes of the carried tensors: parameters first, then the optimiser's states of those that a gradient changes, then sums of private training. */
  carried: readonly Shape[];
  /** Of private training: shapes of the noise. */
  noise: readonly Shape[];
}

/** Each sample's gradient is clipped, and noise is added. */
export interface PrivateTraining {
  privacy: Pick<RecordPrivacy, 'clipNorm'>;
  /** In a Poisson sample, on average. */
  expectedSamples: number;
}

function gather(graph: GraphBuilder, from: string, indices: string): string {
  return graph.add('Gather', [from, indices], { axis: 0 });
}

/** `batch` is the number of samples in each step. */
export function buildTrainingGraph(
  model: InferenceModel,
  analysis: Analysis,
  plan: TrainingPlan,
  task: TaskShape,
  batch: number,
  privately?: PrivateTraining,
): TrainingGraph {
  const step = buildStep(model, analysis, plan, task, privately);
  const { body, masks, carried, noise } = step;
  const places = carried.map((_, place) => place);
  const graph = createGraph('run/');
  const always = graph.constant({ type: 'bool', shape: [], data: Float64Array.of(1) });
  graph.addNamed(
    'Loop',
    [names.steps, always, ...places.map(names.carried)],
    [...places.map(names.result), names.losses],
    { body: { graph: body } },
  );
  const outputs = [
    ...carried.map((shape, place) => valueInfo(names.result(place), 'float32', shape)),
    valueInfo(names.losses, 'float32', ['steps']),
  ];
  const whole = graph.build('training', inputsOf(plan, task, batch, step), outputs);
  return { bytes: encodeGraph(whole, Math.max(opset, model.opset)), masks, carried, noise };
}

/** What the loop does with each batch. */
interface StepGraph extends Omit<TrainingGraph, 'bytes'> {
  body: GraphProto;
  parameters: readonly Shape[];
  /** How many numbers the optimiser has for each step. */
  rateCount: number;
}

function buildStep(
  model: InferenceModel,
  analysis: Analysis,
  plan: TrainingPlan,
  task: TaskShape,
  privately: PrivateTraining | undefined,
): StepGraph {
  const graph = createGraph('train/');
  const optimizer = optimizerOf(plan);
  const iteration = 'train/iteration';
  const condition = 'train/condition';
  const masks: Mask[] = [];
  const drawMask = (shape: Shape, keep: number) => {
    const name = `mask.${masks.length}`;
    masks.push({ name, shape, keep });
    return graph.add('Cast', [gather(graph, name, iteration)], { to: 1 });
  };

  const indices = gather(graph, names.order, iteration);
  const weights = gather(graph, names.weights, iteration);
  const moved = new Map<string, string>();
  graph.addNamed('Gather', [names.features, indices], [model.input], { axis: 0 });
  addForward(graph, analysis, {
    mask: drawMask,
    weights,
    carry: (name, change) => moved.set(name, change(moved.get(name) ?? name)),
  });
  const { loss, gradient } = losses[plan.loss](graph, {
    outputs: model.output,
    targets: gather(graph, names.targets, indices),
    weights,
    classes: task.classes,
    plan,
    scale: privately === undefined ? optimizer.gradientScale : 1,
  });
  const trained = analysis.parameters.filter((name) => !analysis.statistics.has(name));
  const noisy =
    privately &&
    addNoisyGradients(graph, {
      ...privately,
      ...{ analysis, input: model.input, output: model.output, trained, gradient, present: weights },
      scale: optimizer.gradientScale,
      noise: (place) => gather(graph, names.noise(place), iteration),
      applies: gather(graph, names.applies, iteration),
    });
  const gradients = noisy?.gradients ?? addBackward(graph, analysis, model.output, gradient, trained);
  const settle = noisy?.settle ?? ((_: string, after: string) => after);

  const rateCount = optimizer.rates(1).length;
  const rates = Array.from({ length: rateCount }, (_, place) =>
    graph.add('Gather', [gather(graph, names.rates, iteration), graph.constant(index(place))], { axis: 0 }),
  );
  const states = trained.map((_, place) =>
    Array.from({ length: optimizer.stateCount }, (_, state) => `train/state.${place}.${state}`),
  );
  const updates = trained.map((parameter, place) => {
    const factor = optimizer.gradientScale * plan.proximalMu;
    const raw = gradients.get(parameter)!;
    const start = names.start(analysis.parameters.indexOf(parameter));
    const update = optimizer.update(graph, {
      parameter,
      states: states[place]!,
      gradient: factor === 0 ? raw : addProximalTerm(graph, { gradient: raw, parameter, start, factor }),
      rates,
    });
    moved.set(parameter, settle(parameter, update.parameter));
    return update.states.map((state, which) => settle(states[place]![which]!, state));
  });
  graph.addNamed('Identity', [condition], ['train/continue']);

  const shapeOf = (name: string) => model.initializers.get(name)!.shape;
  const parameters = analysis.parameters.map(shapeOf);
  const noise = noisy === undefined ? [] : trained.map(shapeOf);
  const stateShapes = trained.flatMap((name) => Array<Shape>(optimizer.stateCount).fill(shapeOf(name)));
  const carried = [...parameters, ...stateShapes, ...noise];
  const before = [...analysis.parameters, ...states.flat(), ...(noisy?.sums ?? [])];
  const changed = analysis.parameters.map((name) => moved.get(name)!);
  const after = [...changed, ...updates.flat(), ...(noisy?.sumsAfter ?? [])];
  const typed = (values: readonly string[]) => values.map((name, place) => valueInfo(name, 'float32', carried[place]!));
  const body = graph.build(
    'step',
    [valueInfo(iteration, 'int64', []), valueInfo(condition, 'bool', []), ...typed(before)],
    [valueInfo('train/continue', 'bool', []), ...typed(after), valueInfo(loss, 'float32', [])],
  );
  return { body, masks, carried, noise, parameters, rateCount };
}

function inputsOf(
  plan: TrainingPlan,
  task: TaskShape,
  batch: number,
  { masks, carried, noise, parameters, rateCount }: StepGraph,
): ValueInfoProto[] {
  const starts = plan.proximalMu > 0 ? parameters : [];
  return [
    valueInfo(names.steps, 'int64', []),
    valueInfo(names.features, 'float32', ['count', ...task.inputShape]),
    labelsAreClasses(plan.loss)
      ? valueInfo(names.targets, 'int32', ['count'])
      : valueInfo(names.targets, 'float32', ['count', task.classes]),
    valueInfo(names.order, 'int32', ['steps', batch]),
    valueInfo(names.weights, 'float32', ['steps', batch, 1]),
    ...(rateCount > 0 ? [valueInfo(names.rates, 'float32', ['steps', rateCount])] : []),
    ...masks.map(({ name, shape }) => valueInfo(name, 'uint8', ['steps', ...shape])),
    ...(noise.length > 0 ? [valueInfo(names.applies, 'bool', ['steps'])] : []),
    ...noise.map((shape, place) => valueInfo(names.noise(place), 'float32', ['steps', ...shape])),
    ...carried.map((shape, place) => valueInfo(names.carried(place), 'float32', shape)),
    ...starts.map((shape, place) => valueInfo(names.start(place), 'float32', shape)),
  ];
}

function index(place: number) {
  return { type: 'int64' as const, shape: [], data: Float64Array.of(place) };
}
