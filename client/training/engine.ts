/**
 * A training engine compiles a model and a training plan, runs local epochs, and evaluates. Both engines (ONNX Runtime,
 * TensorFlow.js) are held to the same tests. Parameters cross this boundary as one flat Float32Array of `dimension`
 * coordinates, tensor after tensor in the order of the layout, each row-major.
 */

/** One parameter tensor's place in the flat vector. */
export interface ParameterTensor {
  name: string;
  shape: readonly number[];
  /** First coordinate in the flat vector. */
  offset: number;
  /** Number of coordinates: the product of the shape. */
  size: number;
}

/** How the tensors of a model lie in the flat vector. */
export interface ParameterLayout {
  tensors: readonly ParameterTensor[];
  /** d, the number of coordinates of the flat vector. */
  dimension: number;
}

/** What training makes small. */
export type Loss =
  /** Of classes, one logit each. */
  | 'softmaxCrossEntropy'
  /** Of two classes, one logit: that of the second. */
  | 'binaryCrossEntropy'
  /** Of yes-or-no questions, one logit each. */
  | 'multiLabelCrossEntropy'
  /** Of numbers to predict. */
  | 'squaredError'
  | 'absoluteError'
  | 'huberError';

/** Numbers that the model puts out for each sample. */
export function outputsOf({ classes }: Pick<TaskShape, 'classes'>, loss: Loss): number {
  return loss === 'binaryCrossEntropy' ? 1 : classes;
}

/** Whether a loss takes class indices (Int32Array) as labels; the others take targets (Float32Array). */
export function labelsAreClasses(loss: Loss): boolean {
  return loss === 'softmaxCrossEntropy' || loss === 'binaryCrossEntropy';
}

/** How a gradient becomes a step. */
export type Optimizer =
  | { name: 'sgd' }
  /** Heavy ball: v ← momentum·v + g, w ← w − learningRate·v. State starts at zero each round. */
  | { name: 'momentum'; momentum: number }
  /** Kingma and Ba, https://arxiv.org/abs/1412.6980, algorithm 1. State starts at zero each round. */
  | { name: 'adam'; beta1: number; beta2: number; epsilon: number };

/** What every trainer of a task does locally in a round. */
export interface TrainingPlan {
  optimizer: Optimizer;
  learningRate: number;
  /** E of McMahan et al.: passes over the shard. */
  epochs: number;
  /** B of McMahan et al.: samples a step. The last, smaller batch of an epoch is trained on too. */
  batchSize: number;
  /** μ of FedProx (Li et al., https://arxiv.org/abs/1812.06127, eq. 2); 0 is FedAvg. */
  proximalMu: number;
  loss: Loss;
  /** Where the Huber error turns from squares to lines; 1 where it is not said. */
  huberDelta?: number | undefined;
  /** What a sample of each class counts in the loss of training; 1 for all where it is not said. */
  classWeights?: readonly number[] | undefined;
  /** Share of each label that is spread evenly over all classes; 0 where it is not said. */
  labelSmoothing?: number | undefined;
}

/** Labelled samples in memory. They never leave the process. */
export interface Dataset {
  /** [count × product(inputShape)], row-major. */
  features: Float32Array;
  /** [count] class indices in [0, classes); for numbers and yes-or-no questions [count × classes] targets. */
  labels: Int32Array | Float32Array;
  count: number;
  /** Shape of one sample, for example [784] or [1, 28, 28] (channels first). */
  inputShape: readonly number[];
  /** Number of classes, of numbers to predict, or of yes-or-no questions. */
  classes: number;
  /** A feature that is NaN is a missing value, which becomes the mean that the federation has computed. */
  missingAsNaN?: true;
}

/** What one sample looks like and how many classes there are: what a model must fit. */
export interface TaskShape {
  inputShape: readonly number[];
  classes: number;
}

/** What a task says of one tensor beyond the model's file. */
export interface TensorTerms {
  /** Whether training leaves it as it is; where it is not said, the place of the tensor in the model decides. */
  frozen?: boolean | undefined;
  /** The unit of its fixed-point numbers: a value w is kept as w ÷ scale. */
  scale?: number | undefined;
}

/** What a task says of a model beyond its file. */
export interface ModelTerms {
  /** By the tensor's name. */
  tensors?: Readonly<Record<string, TensorTerms>> | undefined;
  /** Running means and variances of batch normalisations: averaged like weights, or those of the file for ever. */
  batchStatistics?: 'federated' | 'frozen' | undefined;
}

/** A model before it is compiled: one of the three that come with the engines, or a file. */
export type ModelDefinition = ModelTerms & ModelKind;

type ModelKind =
  /** One affine layer and softmax. */
  | ({ kind: 'logistic' } & TaskShape)
  /** McMahan et al., https://arxiv.org/abs/1602.05629, section 3: two hidden layers of 200 units, ReLU. */
  | ({ kind: '2nn' } & TaskShape)
  /** McMahan et al., section 3: two 5×5 convolutions (32 and 64 channels, each with 2×2 max pooling), 512 units. */
  | ({ kind: 'cnn' } & TaskShape)
  /** An ONNX model (inference graph: one input, one output of logits or numbers, weights inside). */
  | ({ kind: 'onnx'; bytes: Uint8Array } & TaskShape)
  /** The JSON of a Keras / TensorFlow.js layers model (architecture only). */
  | ({ kind: 'keras'; json: string } & TaskShape);

/** A model of named tensors and no graph, as a safetensors file: only a program of one's own knows what it computes. */
export type TensorsDefinition = {
  kind: 'tensors';
  bytes: Uint8Array;
  /** By the tensor's name: whether training leaves it as it is. */
  tensors?: Readonly<Record<string, { frozen?: boolean | undefined }>> | undefined;
} & TaskShape;

/** How far local training is. */
export interface TrainingProgress {
  epoch: number;
  epochs: number;
  /** Samples processed so far in this call, and in all. */
  samplesDone: number;
  samplesTotal: number;
}

/**
 * Differential privacy of each sample, by clipped and noised gradients of Poisson samples (DP-SGD: Abadi et al.,
 * https://arxiv.org/abs/1607.00133, algorithm 1). What it costs is for who keeps account of it.
 */
export interface RecordPrivacy {
  /** C, the L2 norm to which each sample's gradient is clipped. */
  clipNorm: number;
  /** Standard deviation of the noise on their sum, in units of C. */
  noiseMultiplier: number;
}

/** How one call of local training runs. */
export interface TrainOptions {
  /** Names the stream of random numbers (order of samples, dropout): the same seed gives the same bits. */
  seed: string;
  onProgress?: (progress: TrainingProgress) => void;
  signal?: AbortSignal;
  /** Then neither the order of samples nor the noise follows from the seed: the operating system draws them. */
  privacy?: RecordPrivacy | undefined;
  /** Of the federation, for who wants to know: the seed is another in each. */
  round?: number;
}

/** What local training gives: it has not been protected or encoded yet. */
export interface TrainedParameters {
  parameters: Float32Array;
  /** Mean training loss of the last epoch. */
  loss: number;
  samples: number;
  seconds: number;
  /** What else a program has measured, by name. */
  metrics?: Readonly<Record<string, number>>;
}

/** How good parameters are on a data set. */
export interface Evaluation {
  /** Mean loss a sample, without class weights and label smoothing. */
  loss: number;
  /** Share of right answers: the largest logit is the label's, a question's logit has the answer's sign; NaN for numbers. */
  accuracy: number;
  count: number;
  /** What else a program has measured, by name. */
  metrics?: Readonly<Record<string, number>>;
}

/** A tensor that was found in a model. */
export interface FoundTensor {
  name: string;
  shape: readonly number[];
  /** Number of its elements. */
  count: number;
  /** Largest absolute value at the start. */
  largest: number;
}

/** What a compiled model is, so that a person can see it and correct it with `ModelTerms`. */
export interface ModelFindings {
  /** What training changes, in the order of the layout. */
  trained: readonly FoundTensor[];
  /** Tensors of numbers that training leaves as they are, and why. */
  frozen: readonly (FoundTensor & { reason: string })[];
  /** Number of the other constants: shapes, axes, single numbers of formulas. */
  constants: number;
  /** A sentence for each thing that is no longer as in the file. */
  changes: readonly string[];
}

/** A model that can be trained and evaluated. Parameters are [d], in the order of the layout. */
export interface CompiledModel {
  readonly layout: ParameterLayout;
  readonly findings: ModelFindings;
  /** Deterministic initial parameters (Glorot uniform kernels, zero biases; a given model's own weights). */
  initialParameters(seed: string): Float32Array;
  /** Errors: DATA_EMPTY, DATA_NOT_FINITE, MODEL_MISMATCH, TRAINING_DIVERGED (NaN or infinity after training), ABORTED. */
  trainLocally(parameters: Float32Array, data: Dataset, options: TrainOptions): Promise<TrainedParameters>;
  evaluate(parameters: Float32Array, data: Dataset): Promise<Evaluation>;
  /** What the model puts out, [count × outputs], row-major: logits, or numbers as they are trained. Errors: as `evaluate`. */
  predict(parameters: Float32Array, data: Dataset): Promise<Float32Array>;
  /** The inference model with these parameters, as ONNX bytes. Errors: OPERATOR_UNSUPPORTED of a model that has no graph. */
  exportOnnx(parameters: Float32Array): Uint8Array;
  /** Of a model that has no graph: all its tensors, also those that are not trained, as a safetensors file. */
  exportTensors?(parameters: Float32Array): Uint8Array;
  /** Of a model that a program evaluates on data of its own: mean losses on at most so many parts of them. */
  lossesInParts?(parameters: Float32Array, parts: number): Promise<number[]>;
  /** Of a model whose first round computes statistics of the data instead of training. */
  readonly statistics?: {
    /** Whether the next update is to bring them. */
    areDue(parameters: Float32Array): boolean;
    /** Whether such an update can be true: it changes nothing else, and some data has such statistics. */
    areSound(before: Float32Array, after: Float32Array): boolean;
    /** By which each of these columns is scaled, (value − mean) ÷ standardDeviation; undefined where none has been computed. */
    read(parameters: Float32Array): { mean: ArrayLike<number>; standardDeviation: ArrayLike<number> } | undefined;
  };
  /** What each parameter is multiplied by to be the weight that it stands for, [d]; 1 for all where it is not said. */
  readonly units?: Float32Array;
  dispose(): Promise<void>;
}

/** What compiles models. Errors of `compile`: MODEL_INVALID, MODEL_MISMATCH, OPERATOR_UNSUPPORTED. */
export interface Engine {
  readonly name: 'onnx' | 'tfjs' | 'process';
  compile(model: ModelDefinition, plan: TrainingPlan): Promise<CompiledModel>;
}
