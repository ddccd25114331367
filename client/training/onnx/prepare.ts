/** Fits a given model to its task: samples, batch, loss and outputs. */
import { TributaryError } from '../../core/errors.ts';
import { type Loss, outputsOf, type TaskShape } from '../engine.ts';
import { elementCount } from '../layout.ts';
import { type Analysis, analyse } from './analysis.ts';
import { createNode } from './node.ts';
import { openBatch } from './normalise/batchAxis.ts';
import { addIntegers, type Draft, freshName, producerOf } from './normalise/draft.ts';
import { type TakenHead, takeHeadIntoLoss } from './normalise/lossHead.ts';
import { fitSamples } from './normalise/sampleShape.ts';
import { describe } from './operators/operator.ts';
import type { GivenModel } from './read.ts';

/** Two sizes of a batch: what works with both has none built in. */
const batches = [2, 3] as const;

/** The output's shape for the batch, where that alone is wrong. */
function outputShapeOf(error: unknown): readonly number[] | undefined {
  const shape = error instanceof TributaryError ? error.args.output : undefined;
  return Array.isArray(shape) ? (shape as number[]) : undefined;
}

/** Gives the outputs of a sample as one row: [batch] as [batch, 1], [batch, 10, 1, 1] as [batch, 10], and what a last Reshape has strung together. */
function flattenOutput(draft: Draft, outputs: number, shape: readonly number[]): boolean {
  const { output } = draft;
  const isReshaped = producerOf(draft, output)?.opType === 'Reshape';
  if (elementCount(shape) !== batches[0] * outputs || !(shape[0] === batches[0] || isReshaped)) return false;
  const row = addIntegers(draft, `${output}/row`, [-1, outputs]);
  draft.output = freshName(draft, `${output}/rows`);
  draft.nodes.push(createNode('Reshape', [output, row], [draft.output]));
  const [first = 1, ...rest] = shape;
  const strung = first === batches[0] ? 'batch' : `${first / batches[0]}·batch`;
  draft.changes.push(`Its output [${[strung, ...rest]}] is given as [batch,${outputs}].`);
  return true;
}

/** The analysis for each batch. Errors: those of `analyse`. */
function fitOutput(draft: Draft, shape: TaskShape): void {
  try {
    for (const batch of batches) analyse(draft, shape, batch);
  } catch (error) {
    const given = outputShapeOf(error);
    if (given === undefined || !flattenOutput(draft, shape.classes, given)) throw error;
    for (const batch of batches) analyse(draft, shape, batch);
  }
}

function checkBatch(draft: Draft, isOfOne: boolean, shape: TaskShape): void {
  try {
    fitOutput(draft, shape);
  } catch (error) {
    const isOpened = openBatch(draft);
    if (isOpened) {
      try {
        fitOutput(draft, shape);
        return;
      } catch {
        // what was wrong at first is what the person can see
      }
    }
    if (!(error instanceof TributaryError) || !(isOpened || isOfOne) || error.code === 'OPERATOR_UNSUPPORTED')
      throw error;
    throw new TributaryError(
      error.code,
      `${error.message} The model was exported for a batch of one sample: export it with an open batch axis (PyTorch: dynamic_shapes or dynamic_axes for axis 0; tf2onnx: an input signature with None).`,
      { cause: error },
    );
  }
}

/** Errors: MODEL_INVALID for a softmax that chose something else than one of the classes. */
function checkSoftmax({ logits, axis, node }: TakenHead, { nodes }: Analysis, classes: number): void {
  const shape = nodes.find(({ output }) => output === logits)?.outputShape;
  if (!shape) return;
  const along = shape.at(axis);
  if (along === classes && elementCount(shape) === batches[0] * classes) return;
  throw new TributaryError(
    'MODEL_INVALID',
    `The ONNX model's last ${describe(node)} runs along ${along} of [${shape}], not over the ${classes} classes of each sample: export it with logits as its output.`,
  );
}

/** What helps where a model has another number of outputs than the loss takes. */
function adviceOn(error: unknown, loss: Loss, classes: number): string | undefined {
  const outputs = outputShapeOf(error)
    ?.slice(1)
    .reduce((product, extent) => product * extent, 1);
  if (outputs === 1 && loss === 'softmaxCrossEntropy') {
    return classes === 2
      ? 'It has one output: for two classes give binaryCrossEntropy as the loss.'
      : 'It has one output: for a number give squaredError as the loss, with 1 for classes.';
  }
  if (outputs === 2 && loss === 'binaryCrossEntropy') {
    return 'It has one output for each of two classes: give softmaxCrossEntropy as the loss.';
  }
  return undefined;
}

/** Changes the model in place. Errors: MODEL_INVALID, MODEL_MISMATCH, OPERATOR_UNSUPPORTED. */
export function prepare(model: GivenModel, task: TaskShape, loss: Loss): GivenModel {
  const shape = { ...task, classes: outputsOf(task, loss) };
  fitSamples(model, model.declared, task.inputShape);
  const head = takeHeadIntoLoss(model, loss);
  try {
    checkBatch(model, model.declared[0] === 1, shape);
  } catch (error) {
    const advice = adviceOn(error, loss, task.classes);
    if (advice === undefined) throw error;
    throw new TributaryError('MODEL_MISMATCH', `${(error as Error).message} ${advice}`, { cause: error });
  }
  if (head) checkSoftmax(head, analyse(model, shape, batches[0]), shape.classes);
  return model;
}
