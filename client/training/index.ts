/**
 * `tributary/training`: engines, data and models. ONNX Runtime comes with it; TensorFlow.js is installed by who wants it.
 * @module
 */
export { fitToTask, selectSamples, splitHeldOut } from './data/dataset.ts';
export { loadData } from './data/source.ts';
export type {
  CompiledModel,
  Dataset,
  Engine,
  Evaluation,
  Loss,
  ModelDefinition,
  Optimizer,
  ParameterLayout,
  ParameterTensor,
  TaskShape,
  TensorsDefinition,
  TrainedParameters,
  TrainingPlan,
  TrainingProgress,
  TrainOptions,
} from './engine.ts';
export { exportSafetensors } from './export.ts';
export type { AnalysedNode, Analysis } from './onnx/analysis.ts';
export { createOnnxEngine } from './onnx/engine.ts';
export type { InferenceModel } from './onnx/model.ts';
export type { NodeProto } from './onnx/proto.ts';
export type { ConstantTensor, Shape } from './onnx/tensor.ts';
export { buildTrainingGraph, type Mask, type TrainingGraph } from './onnx/trainingGraph.ts';
export { createProcessEngine, type ProcessEngine, type ProcessEngineOptions } from './process/engine.ts';
export { createTfjsEngine } from './tfjs/engine.ts';
