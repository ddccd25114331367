/** `tributary/training`: engines, data and models. ONNX Runtime comes with it; TensorFlow.js is installed by who wants it. */
export { fitToTask, selectSamples, splitHeldOut } from './data/dataset.ts';
export { loadData } from './data/source.ts';
export type {
  CompiledModel,
  Dataset,
  Engine,
  Evaluation,
  ModelDefinition,
  Optimizer,
  ParameterLayout,
  TrainedParameters,
  TrainingPlan,
  TrainOptions,
} from './engine.ts';
export { exportSafetensors } from './export.ts';
export { createOnnxEngine } from './onnx/engine.ts';
export { buildTrainingGraph } from './onnx/trainingGraph.ts';
export { createTfjsEngine } from './tfjs/engine.ts';
