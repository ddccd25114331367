/** The inference model as ONNX: the standard models as `models/` has them, Keras models converted layer by layer. */
import type { ModelDefinition, ParameterLayout } from '../engine.ts';
import { buildModel } from '../models/standard.ts';
import { type InferenceModel, writeModel } from '../onnx/model.ts';
import { floatTensor } from '../onnx/tensor.ts';
import type { Architecture } from './architecture.ts';
import { convertKeras } from './convertKeras.ts';

/** Errors: OPERATOR_UNSUPPORTED for layers of a Keras model without a conversion. */
export function exportModel(
  definition: ModelDefinition,
  architecture: Architecture,
  layout: ParameterLayout,
  parameters: Float32Array,
): Uint8Array {
  const weights = layout.tensors.map(
    ({ name, shape, offset, size }) => [name, floatTensor(shape, parameters.subarray(offset, offset + size))] as const,
  );
  const model: InferenceModel =
    definition.kind === 'keras' || definition.kind === 'onnx'
      ? convertKeras(architecture, definition.inputShape)
      : buildModel(definition);
  return writeModel({ ...model, initializers: new Map([...model.initializers, ...weights]) }, definition);
}
