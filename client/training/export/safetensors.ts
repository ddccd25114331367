/**
 * Parameters in the safetensors format, https://github.com/huggingface/safetensors#format: the header's length (8 bytes,
 * little-endian), a JSON header (padded with spaces to a multiple of 8), then the tensors, row-major, little-endian.
 */
import { validateArgument } from '../../core/errors.ts';
import type { ParameterLayout } from '../engine.ts';
import type { ModelMetadata } from './metadata.ts';

const bytesPerFloat = 4;

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
  const entries = layout.tensors.map(({ name, shape, offset, size }) => {
    const data_offsets = [offset * bytesPerFloat, (offset + size) * bytesPerFloat];
    return [name, { dtype: 'F32', shape, data_offsets }];
  });
  const json = JSON.stringify({ __metadata__: { format: 'np', ...metadata }, ...Object.fromEntries(entries) });
  const header = new TextEncoder().encode(json);
  const headerLength = Math.ceil(header.length / 8) * 8;

  const bytes = new Uint8Array(8 + headerLength + parameters.length * bytesPerFloat).fill(0x20, 8, 8 + headerLength);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.set(header, 8);
  for (const [place, value] of parameters.entries()) view.setFloat32(8 + headerLength + place * 4, value, true);
  return bytes;
}
