/** Where each parameter tensor stands in the flat vector. */
import type { ParameterLayout, ParameterTensor } from './engine.ts';

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Lays the tensors one after the other, in the order given. */
export function createLayout(tensors: readonly { name: string; shape: readonly number[] }[]): ParameterLayout {
  let dimension = 0;
  const placed = tensors.map(({ name, shape }): ParameterTensor => {
    const offset = dimension;
    const size = elementCount(shape);
    dimension += size;
    return { name, shape: [...shape], offset, size };
  });
  return { tensors: placed, dimension };
}
