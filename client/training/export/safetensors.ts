/** Parameters in the safetensors format. */
import { validateArgument } from '../../core/errors.ts';
import type { ParameterLayout } from '../engine.ts';
import { floatTensorsOf, writeSafetensors } from '../safetensors.ts';
import type { ModelMetadata } from './metadata.ts';

/**
 * Dense kernels are [inputs, outputs], as in NumPy and Keras: PyTorch has them the other way. `metadata` stands in the header.
 * Errors: ARGUMENT_INVALID unless there are `layout.dimension` parameters.
 */
export function exportSafetensors(
  layout: ParameterLayout,
  parameters: Float32Array,
  metadata: ModelMetadata = {},
): Uint8Array {
  validateArgument(
    parameters.length === layout.dimension,
    `The layout has ${layout.dimension} parameters, but ${parameters.length} were given.`,
  );
  return writeSafetensors(floatTensorsOf(layout, parameters), metadata);
}
