/** The engine on TensorFlow.js, for the standard models and for Keras-style JSON. */
import { TributaryError } from '../../core/errors.ts';
import { checkDimension, checkFits, checkPlan, frozenTerms } from '../checks.ts';
import {
  type CompiledModel,
  type Engine,
  labelsAreClasses,
  type ModelDefinition,
  type ModelTerms,
  outputsOf,
  type ParameterLayout,
  type TrainingPlan,
} from '../engine.ts';
import { findTensor, findTensors } from '../findings.ts';
import { initializeParameters } from '../initialization.ts';
import { type Architecture, createArchitecture } from './architecture.ts';
import { evaluateModel } from './evaluate.ts';
import { exportModel } from './export/exportOnnx.ts';
import { predict } from './predict.ts';
import { type Backend, loadTensorflow, type Tensorflow } from './tensorflow.ts';
import { gradientsOf, train } from './train.ts';
import { createWeights, type Weights } from './weights.ts';

/** Errors: PACKAGE_MISSING. */
export async function createTfjsEngine(): Promise<Engine> {
  const tensorflow = await loadTensorflow();
  return { name: 'tfjs', compile: (definition, plan) => compile(tensorflow, definition, plan) };
}

/** Errors: MODEL_INVALID, MODEL_MISMATCH, OPERATOR_UNSUPPORTED, ARGUMENT_INVALID (the plan). */
async function compile(
  tensorflow: Tensorflow,
  definition: ModelDefinition,
  plan: TrainingPlan,
): Promise<CompiledModel> {
  const { tf, run } = tensorflow;
  const task = { inputShape: definition.inputShape, classes: definition.classes };
  checkPlan(plan, task);
  const shaped = { ...definition, classes: outputsOf(task, plan.loss) };
  const architecture = await run('cpu', () => createArchitecture(tf, shaped, plan.loss));
  const weights = createWeights(tf, architecture);
  const { layout } = weights;
  if (layout.dimension === 0) {
    throw new TributaryError(
      'MODEL_INVALID',
      'The Keras model has nothing to train: add a Dense layer, or set trainable to true.',
    );
  }
  const ownValues = await run('cpu', () =>
    weights.toFlat(weights.variables.map((variable) => variable.dataSync() as Float32Array)),
  );
  await run('cpu', () => exportModel(shaped, architecture, weights, ownValues)); // what cannot be exported is not trained
  checkTensorTerms(layout, definition);
  const backend = await chooseBackend(tensorflow, architecture, weights, plan, task);

  function initialParameters(seed: string): Float32Array {
    if (architecture.hasWeights) return ownValues.slice();
    const parameters = initializeParameters(layout, seed);
    for (const { shape, offset, size } of layout.tensors) {
      if (shape.length < 2) parameters.set(ownValues.subarray(offset, offset + size), offset); // ones of a LayerNormalization
    }
    return parameters;
  }

  return {
    layout,
    findings: {
      trained: findTensors(layout, initialParameters('findings')),
      frozen: weights.constants.map(({ name, shape, values, reason }) => ({
        ...findTensor(name, shape, values),
        reason,
      })),
      constants: 0,
      changes: architecture.changes,
    },
    initialParameters,
    async trainLocally(parameters, data, options) {
      if (options.privacy !== undefined) throw cannotClip();
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      return run(backend, () => train(tf, architecture, weights, plan, parameters, data, options));
    },
    async evaluate(parameters, data) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      return run(backend, () => {
        weights.write(parameters);
        return evaluateModel(tf, architecture, plan, data);
      });
    },
    async predict(parameters, data) {
      checkFits(data, task, plan.loss);
      checkDimension(parameters, layout);
      return run(backend, () => {
        weights.write(parameters);
        return predict(tf, architecture, data);
      });
    },
    exportOnnx(parameters) {
      checkDimension(parameters, layout);
      return exportModel(shaped, architecture, weights, parameters);
    },
    dispose: () =>
      run(backend, () => {
        architecture.model.dispose();
      }),
  };
}

/** Errors: CONFIG_INVALID for names that no tensor has, and for tensors to leave as they are. */
function checkTensorTerms({ tensors }: ParameterLayout, terms: ModelTerms): void {
  const known = tensors.map(({ name }) => name);
  const [frozen] = [...frozenTerms(terms, known)].find(([, isFrozen]) => isFrozen) ?? [];
  if (frozen === undefined) return;
  throw new TributaryError(
    'CONFIG_INVALID',
    `model.tensors["${frozen}"]: TensorFlow.js trains all tensors of a model: leave out frozen, or give the model as ONNX.`,
    { args: { field: 'model.tensors' } },
  );
}

function cannotClip(): TributaryError {
  return new TributaryError(
    'OPERATOR_UNSUPPORTED',
    'The engine tfjs cannot clip the gradient of single records: train with the engine onnx, or without --record-dp.',
  );
}

/**
 * The fastest backend that knows every gradient of the model: the WebAssembly one lacks those of depthwise convolutions.
 * Errors: MODEL_INVALID where none does.
 */
async function chooseBackend(
  { tf, run, backends }: Tensorflow,
  architecture: Architecture,
  weights: Weights,
  plan: TrainingPlan,
  { inputShape, classes }: { inputShape: readonly number[]; classes: number },
): Promise<Backend> {
  const size = inputShape.reduce((product, extent) => product * extent, 1);
  const labels = labelsAreClasses(plan.loss) ? new Int32Array(1) : new Float32Array(classes);
  const sample = { features: new Float32Array(size), labels, count: 1, inputShape, classes };
  let failure: unknown;
  for (const backend of backends) {
    try {
      await run(backend, () => gradientsOf(tf, architecture, weights, plan, sample, [0]));
      return backend;
    } catch (cause) {
      failure = cause; // a kernel is missing: the next one
    }
  }
  const [problem] = String((failure as Error).message).split('\n');
  throw new TributaryError('MODEL_INVALID', `TensorFlow.js cannot train the model: ${problem}`, { cause: failure });
}
