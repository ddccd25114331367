/**
 * `tributary/training`: engines, data and models. ONNX Runtime comes with it; TensorFlow.js is installed by who wants it.
 * @module
 */
export { fitToTask, selectSamples, splitHeldOut } from './data/dataset.ts';
export { type DescribeOptions, describeData, type ProposedDescription } from './data/describe.ts';
export type { ColumnReport, DataReport, Skipped } from './data/report.ts';
export { loadData, type ReadData, readData, type TaskOfData } from './data/source.ts';
export type {
  CompiledModel,
  Dataset,
  Engine,
  Evaluation,
  FoundTensor,
  Loss,
  ModelDefinition,
  ModelFindings,
  ModelTerms,
  Optimizer,
  ParameterLayout,
  ParameterTensor,
  TaskShape,
  TensorsDefinition,
  TensorTerms,
  TrainedParameters,
  TrainingPlan,
  TrainingProgress,
  TrainOptions,
} from './engine.ts';
export { type ModelFacts, type ModelMetadata, type ModelOrigin, metadataOf, readMetadata } from './export/metadata.ts';
export { type RawTask, withMetadata, withRawData } from './export/rawModel.ts';
export { exportSafetensors } from './export/safetensors.ts';
export { describeFindings } from './findings.ts';
export type { ClassCounts } from './metrics/confusion.ts';
export { type MeasuredTask, type Metrics, measure, measureModel } from './metrics/measure.ts';
export type { ClassMetrics } from './metrics/ofClasses.ts';
export type { NumberMetrics } from './metrics/ofNumbers.ts';
export type { AnsweredQuestion, QuestionMetrics } from './metrics/ofQuestions.ts';
export { isBetter, metricOf, type TaskMetric, valueOfMetric } from './metrics/taskMetric.ts';
export type { AnalysedNode, Analysis } from './onnx/analysis.ts';
export { createOnnxEngine } from './onnx/engine.ts';
export type { InferenceModel } from './onnx/model.ts';
export type { NodeProto } from './onnx/proto.ts';
export type { ConstantTensor, Shape } from './onnx/tensor.ts';
export { buildTrainingGraph, type Mask, type TrainingGraph } from './onnx/trainingGraph.ts';
export type { Answer } from './predict/answers.ts';
export type { Cell } from './predict/cells.ts';
export { openPredictor, type Predictor } from './predict/predictor.ts';
export { createProcessEngine, type ProcessEngine, type ProcessEngineOptions } from './process/engine.ts';
export { createTfjsEngine } from './tfjs/engine.ts';
