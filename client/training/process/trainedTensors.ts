/** What a program has made of the tensors that it was given. */
import { TributaryError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearestName.ts';
import { findNotFinite } from '../data/dataset.ts';
import type { ParameterLayout } from '../engine.ts';
import { floatsOf, readSafetensors, type StoredTensor } from '../safetensors.ts';

/**
 * The flat vector, [d], of a file whose tensors have any order; frozen ones may be among them. `name` is the program's, as sentences begin.
 * Errors, all retryable: MODEL_INVALID, MODEL_MISMATCH, TRAINING_DIVERGED.
 */
export function readTrained(
  bytes: Uint8Array,
  layout: ParameterLayout,
  frozen: readonly string[],
  name: string,
): Float32Array {
  const stored = readWritten(bytes, name);
  checkTensors(stored, layout, frozen, name);
  const values = new Map(stored.map((tensor) => [tensor.name, tensor]));
  const parameters = new Float32Array(layout.dimension);
  for (const { name: tensor, offset } of layout.tensors) {
    const floats = floatsOf(values.get(tensor)!);
    const wrong = findNotFinite(floats);
    if (wrong >= 0) {
      const message = `${name} has trained the tensor "${tensor}" to ${floats[wrong]} at place ${wrong}: lower the learning rate, or look at the data.`;
      throw new TributaryError('TRAINING_DIVERGED', message, { retryable: true, args: { tensor } });
    }
    parameters.set(floats, offset);
  }
  return parameters;
}

/** All that is trained must be there, as float32 in its shape, and nothing but what the model has. Errors: MODEL_MISMATCH (retryable). */
export function checkTensors(
  given: readonly { name: string; shape: readonly number[]; dtype: string }[],
  { tensors }: ParameterLayout,
  frozen: readonly string[],
  name: string,
): void {
  const known = [...tensors.map((tensor) => tensor.name), ...frozen];
  const unknown = given.find((tensor) => !known.includes(tensor.name));
  if (unknown !== undefined) {
    const meant = nearestName(unknown.name, known);
    throw mismatch(`${name} has a tensor "${unknown.name}", which the model does not have; is "${meant}" meant?`);
  }
  for (const { name: tensor, shape } of tensors) {
    const found = given.find((one) => one.name === tensor);
    if (found === undefined) throw mismatch(`${name} lacks the tensor "${tensor}", which the model trains.`);
    if (found.shape.join() !== shape.join()) {
      throw mismatch(`${name} has the tensor "${tensor}" in the shape [${found.shape}], and the model in [${shape}].`);
    }
    if (found.dtype !== 'F32')
      throw mismatch(`${name} has the tensor "${tensor}" as ${found.dtype}, and F32 is wanted.`);
  }
}

function readWritten(bytes: Uint8Array, name: string): StoredTensor[] {
  try {
    return readSafetensors(bytes, `What ${lowerFirst(name)} has written`);
  } catch (cause) {
    const { code, message } = cause as TributaryError;
    throw new TributaryError(code, message, { cause, retryable: true });
  }
}

function mismatch(message: string): TributaryError {
  return new TributaryError('MODEL_MISMATCH', message, { retryable: true });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
