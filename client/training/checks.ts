/** What both engines check before and after training, with the same sentences. */
import { TributaryError } from '../core/errors.ts';
import { nearestName } from '../core/nearestName.ts';
import { checkSamples, sampleSize } from './data/dataset.ts';
import {
  type Dataset,
  type Loss,
  labelsAreClasses,
  type ModelTerms,
  type ParameterLayout,
  type TaskShape,
  type TrainingPlan,
} from './engine.ts';

/** Errors: ARGUMENT_INVALID names the field of the plan. */
export function checkPlan(plan: TrainingPlan, { classes }: TaskShape): void {
  const { loss, classWeights, labelSmoothing = 0, huberDelta } = plan;
  const isOfNumbers = loss.endsWith('Error');
  const wants: [boolean, string][] = [
    [plan.learningRate > 0 && Number.isFinite(plan.learningRate), 'learningRate must be a number above 0'],
    [Number.isSafeInteger(plan.epochs) && plan.epochs > 0, 'epochs must be a whole number above 0'],
    [Number.isSafeInteger(plan.batchSize) && plan.batchSize > 0, 'batchSize must be a whole number above 0'],
    [plan.proximalMu >= 0 && Number.isFinite(plan.proximalMu), 'proximalMu must be a number of at least 0'],
    [
      loss !== 'softmaxCrossEntropy' || classes > 1,
      'softmaxCrossEntropy needs at least 2 classes: for a yes-or-no question give 2 classes and binaryCrossEntropy, for a number squaredError',
    ],
    [
      loss !== 'binaryCrossEntropy' || classes === 2,
      `binaryCrossEntropy is of 2 classes, not ${classes}: for more classes give softmaxCrossEntropy, for several yes-or-no questions multiLabelCrossEntropy`,
    ],
    [classWeights === undefined || !isOfNumbers, `classWeights do not go with ${loss}, which has no classes`],
    [
      classWeights === undefined || (classWeights.length === classes && classWeights.every((w) => w > 0 && w < 1e9)),
      `classWeights must be ${classes} numbers above 0, one for each class`,
    ],
    [labelSmoothing === 0 || !isOfNumbers, `labelSmoothing does not go with ${loss}, which has no classes`],
    [labelSmoothing >= 0 && labelSmoothing < 1, 'labelSmoothing must be at least 0 and below 1'],
    [huberDelta === undefined || loss === 'huberError', `huberDelta does not go with ${loss}, only with huberError`],
    [
      huberDelta === undefined || (huberDelta > 0 && Number.isFinite(huberDelta)),
      'huberDelta must be a number above 0',
    ],
  ];
  const wrong = wants.find(([holds]) => !holds);
  if (wrong) throw new TributaryError('ARGUMENT_INVALID', `In the training plan, ${wrong[1]}.`);
}

/** Errors: DATA_EMPTY, DATA_INVALID, DATA_NOT_FINITE (see `checkSamples`), MODEL_MISMATCH. */
export function checkFits(data: Dataset, task: TaskShape, loss: Loss): void {
  checkSamples(data);
  if (sampleSize(data.inputShape) !== sampleSize(task.inputShape) || data.classes !== task.classes) {
    throw new TributaryError(
      'MODEL_MISMATCH',
      `The model takes samples of shape [${task.inputShape}] with ${task.classes} classes, but the data has shape [${data.inputShape}] with ${data.classes}.`,
    );
  }
  const isClass = data.labels instanceof Int32Array;
  if (isClass !== labelsAreClasses(loss)) {
    const [wanted, given] = isClass ? ['targets (Float32Array)', 'classes'] : ['classes (Int32Array)', 'targets'];
    throw new TributaryError(
      'MODEL_MISMATCH',
      `The loss ${loss} wants ${wanted} as labels, but the data has ${given}.`,
    );
  }
}

/** What a task says of `frozen` by the tensor's name. Errors: CONFIG_INVALID for a name that no tensor of the model has. */
export function frozenTerms({ tensors = {} }: ModelTerms, known: readonly string[]): Map<string, boolean> {
  const terms = Object.entries(tensors).flatMap(([name, { frozen }]) =>
    frozen === undefined ? [] : [[name, frozen] as const],
  );
  const [unknown] = terms.find(([name]) => !known.includes(name)) ?? [];
  if (unknown === undefined) return new Map(terms);
  throw new TributaryError(
    'CONFIG_INVALID',
    `model.tensors: the model has no tensor "${unknown}"; did you mean "${nearestName(unknown, known)}"?`,
    { args: { field: 'model.tensors' } },
  );
}

/** Errors: MODEL_MISMATCH. */
export function checkDimension(parameters: Float32Array, layout: ParameterLayout): void {
  if (parameters.length === layout.dimension) return;
  throw new TributaryError(
    'MODEL_MISMATCH',
    `The model has ${layout.dimension} parameters, but ${parameters.length} were given: is it the model of this task?`,
  );
}

/** Errors: TRAINING_DIVERGED. */
export function checkConverged(values: ArrayLike<number>, plan: TrainingPlan): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new TributaryError(
      'TRAINING_DIVERGED',
      `Training diverged: it gave ${values[i]}. Lower the learning rate, which is ${plan.learningRate}.`,
      { args: { learningRate: plan.learningRate } },
    );
  }
}

/** Errors: ABORTED. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new TributaryError('ABORTED', 'Training was stopped before it ended.', { cause: signal.reason });
}
