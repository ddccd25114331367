/** What a compiled model is, in numbers and in sentences. */
import type { FoundTensor, ModelFindings, ParameterLayout } from './engine.ts';

export function findTensor(name: string, shape: readonly number[], values: ArrayLike<number>): FoundTensor {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!)); // NaN stays
  return { name, shape, count: values.length, largest };
}

/** The tensors of the flat vector. */
export function findTensors({ tensors }: ParameterLayout, parameters: Float32Array): FoundTensor[] {
  return tensors.map(({ name, shape, offset, size }) =>
    findTensor(name, shape, parameters.subarray(offset, offset + size)),
  );
}

const listed = 12;

function listOf(entries: readonly string[]): string {
  const rest = entries.length - listed;
  return `${entries.slice(0, listed).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function nameOf({ name, shape }: FoundTensor): string {
  return `${name} [${shape}]`;
}

/** Lines for a person: what is trained, what stays and why, and what was changed. */
export function describeFindings({ trained, frozen, constants, changes }: ModelFindings): string[] {
  const count = trained.reduce((sum, tensor) => sum + tensor.count, 0).toLocaleString('en-US');
  const tensors = trained.length === 1 ? '1 tensor' : `${trained.length} tensors`;
  const kept = frozen.map((tensor) => `${nameOf(tensor)} (${tensor.reason})`);
  return [
    `The model trains ${count} parameters in ${tensors}: ${listOf(trained.map(nameOf))}`,
    ...(kept.length > 0 ? [`It leaves as they are: ${listOf(kept)}`] : []),
    ...(constants > 0 ? [`Further constants (shapes, axes, numbers of formulas): ${constants}`] : []),
    ...changes.map((change) => `Changed: ${change}`),
  ];
}
