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
import { findTensors } from '../findings.ts';
import { initializeParameters } from '../initialization.ts';
import { type Architecture, createArchitecture } from './architecture.ts';
import { evaluateModel } from './evaluate.ts';
import { exportModel } from './exportOnnx.ts';
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
  const weights = createWeights(tf, architecture.model);
  const { layout } = weights;
  const ownValues = await run('cpu', () =>
    weights.toFlat(weights.variables.map((variable) => variable.dataSync() as Float32Array)),
  );
  checkTensorTerms(layout, definition);
  const backend = await chooseBackend(tensorflow, architecture, weights, plan, task);

  function initialParameters(seed: string): Float32Array {
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
      frozen: [],
      constants: 0,
      changes: [],
    },
    initialParameters,
    async trainLocally(parameters, data, options) {
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
    exportOnnx(parameters) {
      checkDimension(parameters, layout);
      return exportModel(shaped, architecture, layout, parameters);
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

/** The fastest backend that knows every gradient of the model: the WebAssembly one lacks those of depthwise convolutions. */
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
  for (const backend of backends.filter((name) => name !== 'cpu')) {
    try {
      await run(backend, () => gradientsOf(tf, architecture, weights, plan, sample, [0]));
      return backend;
    } catch {
      // A kernel is missing: the next one.
    }
  }
  return 'cpu';
}
