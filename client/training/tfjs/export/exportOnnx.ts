/** The inference model as ONNX: the standard models as `models/` has them, Keras models converted layer by layer. */
import type { ModelDefinition } from '../../engine.ts';
import { buildModel } from '../../models/standard.ts';
import { type InferenceModel, writeModel } from '../../onnx/model.ts';
import { floatTensor } from '../../onnx/tensor.ts';
import type { Architecture } from '../architecture.ts';
import type { Weights } from '../weights.ts';
import { convertKeras } from './convertKeras.ts';

/** Errors: OPERATOR_UNSUPPORTED for layers of a Keras model without a conversion. */
export function exportModel(
  definition: ModelDefinition,
  architecture: Architecture,
  { layout, constants, clean }: Weights,
  parameters: Float32Array,
): Uint8Array {
  const values = clean(parameters);
  const weights = layout.tensors.map(
    ({ name, shape, offset, size }) => [name, floatTensor(shape, values.subarray(offset, offset + size))] as const,
  );
  const fixed = constants.map(({ name, shape, values: own }) => [name, floatTensor(shape, own)] as const);
  const model: InferenceModel =
    definition.kind === 'keras' || definition.kind === 'onnx'
      ? convertKeras(architecture, definition.inputShape)
      : buildModel(definition);
  return writeModel({ ...model, initializers: new Map([...model.initializers, ...weights, ...fixed]) }, definition);
}
