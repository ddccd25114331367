/** The engine on ONNX Runtime: native speed on the CPU, bit-identical from run to run. */
import { TributaryError } from '../../core/errors.ts';
import { checkDimension, checkFits, checkPlan } from '../checks.ts';
import type { CompiledModel, Engine, ModelDefinition, ParameterLayout, TrainingPlan } from '../engine.ts';
import { initializeParameters } from '../initialization.ts';
import { createLayout } from '../layout.ts';
import { buildModel } from '../models/standard.ts';
import { type Analysis, analyse } from './analysis.ts';
import { evaluate } from './evaluate.ts';
import { type InferenceModel, readModel, writeModel } from './model.ts';
import { predict } from './predict.ts';
import { createRuntime } from './session.ts';
import { floatTensor } from './tensor.ts';
import { type Trainer, train } from './train.ts';
import { buildTrainingGraph } from './trainingGraph.ts';

/** Several signs of life a second, and an abort is heard as soon. */
const sliceSeconds = 0.12;

function modelOf(definition: ModelDefinition): InferenceModel {
  switch (definition.kind) {
    case 'onnx':
      return readModel(definition.bytes);
    case 'keras':
      throw new TributaryError(
        'MODEL_INVALID',
        'The ONNX engine does not read Keras models: choose the engine tfjs, or give the model as ONNX.',
      );
    default:
      return buildModel(definition);
  }
}

function checkLogits(model: InferenceModel, plan: TrainingPlan): void {
  const last = model.nodes.find((node) => node.output?.includes(model.output));
  if (last?.opType === 'Softmax' && plan.loss === 'softmaxCrossEntropy') {
    throw new TributaryError(
      'MODEL_INVALID',
      'The ONNX model ends in Softmax, which the loss already applies: export it with logits as its output.',
    );
  }
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

/**
 * Errors: MODEL_INVALID, MODEL_MISMATCH, OPERATOR_UNSUPPORTED, ARGUMENT_INVALID (the plan).
 */
async function compile(definition: ModelDefinition, plan: TrainingPlan): Promise<CompiledModel> {
  checkPlan(plan);
  const task = { inputShape: definition.inputShape, classes: definition.classes };
  const model = modelOf(definition);
  checkLogits(model, plan);
  const analyses = [2, 3].map((batch) => analyse(model, task, batch)); // no batch size is built into the model
  const { parameters: parameterNames } = analyses[0] as Analysis;
  if (parameterNames.length === 0) {
    throw new TributaryError('MODEL_INVALID', 'The ONNX model holds no weights: export it with its weights inside.');
  }
  const layout = createLayout(parameterNames.map((name) => ({ name, shape: model.initializers.get(name)!.shape })));
  const runtime = createRuntime();
  const session = await runtime.createSession(writeModel(model, task, parameterNames)).catch(async (error) => {
    await runtime.dispose();
    throw error;
  });
  const evaluator = { session, input: model.input, output: model.output, layout };
  const trainers = new Map<number, Promise<Trainer>>();

  /** The training graph for batches of this size, made when it is first needed. */
  function trainerFor(batch: number): Promise<Trainer> {
    const create = async () => {
      const graph = buildTrainingGraph(model, analyse(model, task, batch), plan, task, batch);
      return { session: await runtime.createSession(graph.bytes), graph, layout, plan, batch, sliceSeconds };
    };
    const trainer = trainers.get(batch) ?? create();
    trainers.set(batch, trainer);
    return trainer;
  }

  return {
    layout,
    initialParameters: (seed) =>
      definition.kind === 'onnx' ? ownParameters(model, layout) : initializeParameters(layout, seed),
    async trainLocally(parameters, data, options) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      const trainer = await trainerFor(Math.min(plan.batchSize, data.count));
      return train(trainer, parameters, data, task.inputShape, options);
    },
    async evaluate(parameters, data) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      return evaluate(evaluator, parameters, data, task.inputShape, plan.loss);
    },
    async predict(parameters, data) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      return predict(evaluator, parameters, data, task.inputShape);
    },
    exportOnnx(parameters) {
      checkDimension(parameters, layout);
      return writeModel(withParameters(model, layout, parameters), task);
    },
    dispose: () => runtime.dispose(),
  };
}

/** The engine that comes with the package. Its runtime is loaded with the first model. */
export function createOnnxEngine(): Engine {
  return { name: 'onnx', compile };
}
