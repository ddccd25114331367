/** The engine on TensorFlow.js, for the standard models and for Keras-style JSON. */
import { checkDimension, checkFits, checkPlan } from '../checks.ts';
import type { CompiledModel, Engine, ModelDefinition, TrainingPlan } from '../engine.ts';
import { initializeParameters } from '../initialization.ts';
import { type Architecture, createArchitecture } from './architecture.ts';
import { evaluateModel } from './evaluate.ts';
import { exportModel } from './exportOnnx.ts';
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
  checkPlan(plan);
  const { tf, run } = tensorflow;
  const task = { inputShape: definition.inputShape, classes: definition.classes };
  const architecture = await run('cpu', () => createArchitecture(tf, definition, plan.loss));
  const weights = createWeights(tf, architecture.model);
  const { layout } = weights;
  const ownValues = await run('cpu', () =>
    weights.toFlat(weights.variables.map((variable) => variable.dataSync() as Float32Array)),
  );
  const backend = await chooseBackend(tensorflow, architecture, weights, plan, task);

  return {
    layout,
    initialParameters(seed) {
      const parameters = initializeParameters(layout, seed);
      for (const { shape, offset, size } of layout.tensors) {
        if (shape.length < 2) parameters.set(ownValues.subarray(offset, offset + size), offset); // ones of a LayerNormalization
      }
      return parameters;
    },
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
        return evaluateModel(tf, architecture, data);
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
      return exportModel(definition, architecture, layout, parameters);
    },
    dispose: () =>
      run(backend, () => {
        architecture.model.dispose();
      }),
  };
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
  const labels = plan.loss === 'softmaxCrossEntropy' ? new Int32Array(1) : new Float32Array(classes);
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
