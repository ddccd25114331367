/** The engine on ONNX Runtime: native speed on the CPU, bit-identical from run to run. */
import { TributaryError } from '../../core/errors.ts';
import { checkDimension, checkFits, checkPlan } from '../checks.ts';
import {
  type CompiledModel,
  type Engine,
  type ModelDefinition,
  outputsOf,
  type ParameterLayout,
  type RecordPrivacy,
  type TaskShape,
  type TrainingPlan,
} from '../engine.ts';
import { findTensors } from '../findings.ts';
import { initializeParameters } from '../initialization.ts';
import { createLayout } from '../layout.ts';
import { buildModel } from '../models/standard.ts';
import { poissonCapacity } from '../schedule.ts';
import { type Analysis, analyse } from './analysis.ts';
import { evaluate, feedsOf } from './evaluate.ts';
import { checkIndependence } from './independence.ts';
import { type InferenceModel, writeModel } from './model.ts';
import { chooseParameters } from './parameters.ts';
import { predict } from './predict.ts';
import { prepare } from './prepare.ts';
import { readModel } from './read.ts';
import { createRuntime, type Runtime, type Session } from './session.ts';
import { floatTensor } from './tensor.ts';
import { type Trainer, train } from './train.ts';
import { buildTrainingGraph } from './trainingGraph.ts';

/** Several signs of life a second, and an abort is heard as soon. */
const sliceSeconds = 0.12;

function modelOf(definition: ModelDefinition, { loss }: TrainingPlan): InferenceModel {
  const { inputShape, classes } = definition;
  switch (definition.kind) {
    case 'onnx':
      return prepare(readModel(definition.bytes), { inputShape, classes }, loss);
    case 'keras':
      throw new TributaryError(
        'MODEL_INVALID',
        'The ONNX engine does not read Keras models: choose the engine tfjs, or give the model as ONNX.',
      );
    default:
      return buildModel({ ...definition, classes: outputsOf(definition, loss) });
  }
}

/** Errors: CONFIG_INVALID. */
function checkNothingFrozen({ kind, tensors = {} }: ModelDefinition): void {
  const [frozen] = Object.entries(tensors).find(([, terms]) => terms.frozen) ?? [];
  if (frozen === undefined) return;
  throw new TributaryError(
    'CONFIG_INVALID',
    `model.tensors["${frozen}"]: a model of kind ${kind} starts from random numbers, which would stay: freeze tensors of an ONNX file.`,
    { args: { field: 'model.tensors' } },
  );
}

function ownParameters(model: InferenceModel, layout: ParameterLayout): Float32Array {
  const parameters = new Float32Array(layout.dimension);
  for (const { name, offset } of layout.tensors) parameters.set(model.initializers.get(name)!.data, offset);
  return parameters;
}

function withParameters(model: InferenceModel, layout: ParameterLayout, parameters: Float32Array): InferenceModel {
  const initializers = new Map(model.initializers);
  for (const { name, shape, offset, size } of layout.tensors) {
    initializers.set(name, floatTensor(shape, parameters.subarray(offset, offset + size)));
  }
  return { ...model, initializers };
}

/** A session for evaluation, which takes the parameters as inputs; a given model is run once. Errors: MODEL_INVALID. */
async function openSession(
  runtime: Runtime,
  model: InferenceModel,
  shape: TaskShape,
  layout: ParameterLayout,
  given: Float32Array | undefined,
): Promise<Session> {
  const fed = layout.tensors.map(({ name }) => name);
  try {
    const session = await runtime.createSession(writeModel(model, shape, fed));
    if (given) await checkIndependence(session, { ...model, weights: feedsOf(layout, given) }, shape.inputShape);
    return session;
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

/** Rounding and noise may take a running variance below zero, where no normalisation has a value: it is zero there. */
function withVariances(
  parameters: Float32Array,
  layout: ParameterLayout,
  statistics: Analysis['statistics'],
): Float32Array {
  const variances = layout.tensors.filter(({ name }) => statistics.get(name) === 'variance');
  if (variances.length === 0) return parameters;
  const usable = parameters.slice();
  for (const { offset, size } of variances) {
    for (let i = offset; i < offset + size; i++) usable[i] = Math.max(usable[i]!, 0);
  }
  return usable;
}

/**
 * Errors: MODEL_INVALID, MODEL_MISMATCH, OPERATOR_UNSUPPORTED, ARGUMENT_INVALID (the plan).
 */
async function compile(definition: ModelDefinition, plan: TrainingPlan): Promise<CompiledModel> {
  const task = { inputShape: definition.inputShape, classes: definition.classes };
  checkPlan(plan, task);
  const shape = { ...task, classes: outputsOf(task, plan.loss) };
  const isGiven = definition.kind === 'onnx';
  if (!isGiven) checkNothingFrozen(definition);
  const model = modelOf(definition, plan);
  const analyseFor = (batch: number) => analyse(model, shape, batch, definition.batchStatistics);
  const { statistics } = analyseFor(2);
  const chosen = chooseParameters(model, analyseFor(2), definition);
  const { parameters: names } = chosen;
  const layout = createLayout(names.map((name) => ({ name, shape: model.initializers.get(name)!.shape })));
  const own = ownParameters(model, layout);
  const initialParameters = (seed: string) => (isGiven ? own.slice() : initializeParameters(layout, seed));
  const findings = { ...chosen.findings, trained: findTensors(layout, initialParameters('findings')) };
  const usable = (parameters: Float32Array) => withVariances(parameters, layout, statistics);
  const runtime = createRuntime();
  const session = await openSession(runtime, model, shape, layout, isGiven ? own : undefined);
  const evaluator = { session, input: model.input, output: model.output, layout };
  const trainers = new Map<string, Promise<Trainer>>();
  let before: Promise<unknown> = Promise.resolve();

  /** The training graph for batches of this size, made when it is first needed. */
  function trainerFor(count: number, privacy: RecordPrivacy | undefined): Promise<Trainer> {
    const expectedSamples = Math.min(plan.batchSize, count);
    const batch = privacy === undefined ? expectedSamples : poissonCapacity(count, expectedSamples);
    const create = async () => {
      const privately = privacy && { privacy, expectedSamples };
      const graph = buildTrainingGraph(
        model,
        { ...analyseFor(batch), parameters: names },
        plan,
        task,
        batch,
        privately,
      );
      return { session: await runtime.createSession(graph.bytes), graph, layout, plan, batch, privacy, sliceSeconds };
    };
    const key = `${batch}/${expectedSamples}/${privacy?.clipNorm}/${privacy?.noiseMultiplier}`;
    const trainer = trainers.get(key) ?? create();
    trainers.set(key, trainer);
    return trainer;
  }

  return {
    layout,
    findings,
    initialParameters,
    async trainLocally(parameters, data, options) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      const trainer = await trainerFor(data.count, options.privacy);
      // a session keeps one shard at a time
      const training = before.then(() => train(trainer, usable(parameters), data, task.inputShape, options));
      before = training.catch(() => undefined);
      return await training;
    },
    async evaluate(parameters, data) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      return evaluate(evaluator, usable(parameters), data, task.inputShape, plan);
    },
    async predict(parameters, data) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      return predict(evaluator, usable(parameters), data, task.inputShape);
    },
    exportOnnx(parameters) {
      checkDimension(parameters, layout);
      return writeModel(withParameters(model, layout, usable(parameters)), shape);
    },
    dispose: () => runtime.dispose(),
  };
}

/** The engine that comes with the package. Its runtime is loaded with the first model. */
export function createOnnxEngine(): Engine {
  return { name: 'onnx', compile };
}
