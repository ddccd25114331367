/** What the engine needs to know of a layers model, whether built in or given. */
import type { LayersModel } from '@tensorflow/tfjs';
import { TributaryError } from '../../core/errors.ts';
import type { Loss, ModelDefinition, TaskShape } from '../engine.ts';
import { elementCount } from '../layout.ts';
import { createBuiltIn } from './builtIn.ts';
import { readKerasModel } from './keras.ts';
import type { Tf } from './tf.ts';

export interface Architecture {
  /** One input, one output [batch, classes] of logits. */
  model: LayersModel;
  /** Shape of one sample as the model takes it. */
  inputShape: readonly number[];
  /** The task's samples are channels first, the model's channels last. */
  isTransposed: boolean;
  /** Names of tensors that are no parameters, with the reason. */
  fixed: ReadonlyMap<string, string>;
  /** Whether the model came with weights. */
  hasWeights: boolean;
  /** A sentence for each thing that is no longer as in the file. */
  changes: readonly string[];
}

/** Errors: MODEL_INVALID, MODEL_MISMATCH, OPERATOR_UNSUPPORTED. */
export async function createArchitecture(tf: Tf, definition: ModelDefinition, loss: Loss): Promise<Architecture> {
  if (definition.kind === 'onnx') {
    throw new TributaryError(
      'MODEL_INVALID',
      'TensorFlow.js cannot train an ONNX model: choose the engine onnx, or give the model as Keras JSON.',
    );
  }
  const read =
    definition.kind === 'keras'
      ? await readKerasModel(tf, definition.json, loss, definition.batchStatistics)
      : { model: createBuiltIn(tf, definition), fixed: new Map<string, string>(), hasWeights: false, changes: [] };
  const { model } = read;
  const inputShape = sampleShape(model.inputs, 'input');
  const outputShape = sampleShape(model.outputs, 'output');
  if (outputShape.length !== 1 || outputShape[0] !== definition.classes) {
    throw mismatch(`gives [${outputShape}], but the task wants [${definition.classes}]`);
  }
  return { ...read, inputShape, isTransposed: isTransposed(definition, inputShape) };
}

function sampleShape(ends: LayersModel['inputs'], end: 'input' | 'output'): number[] {
  if (ends.length !== 1) {
    throw new TributaryError('MODEL_INVALID', `The Keras model has ${ends.length} ${end}s, but one is wanted.`);
  }
  const shape = ends[0]!.shape.slice(1);
  if (shape.some((extent) => extent === null)) {
    throw new TributaryError(
      'MODEL_INVALID',
      `The Keras model's ${end} has the shape [${shape}]: give it a fixed shape.`,
    );
  }
  return shape as number[];
}

function isTransposed({ inputShape: task }: TaskShape, wanted: readonly number[]): boolean {
  const [channels, height, width] = task;
  if (task.length === 3 && wanted.length === 3) {
    if (wanted[0] === height && wanted[1] === width && wanted[2] === channels) return true;
    if (wanted.every((extent, axis) => extent === task[axis])) return false;
    throw mismatch(`takes [${wanted}], but the task's samples are [${task}] (channels first)`);
  }
  if (elementCount(wanted) !== elementCount(task))
    throw mismatch(`takes [${wanted}], but the task's samples are [${task}]`);
  return false;
}

function mismatch(problem: string): TributaryError {
  return new TributaryError('MODEL_MISMATCH', `The model does not fit the task: it ${problem}.`);
}
