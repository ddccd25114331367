/** How the value of a node follows from the values of its inputs, where all are known. */
import { elementCount } from '../../layout.ts';
import type { GraphContext } from '../operators/operator.ts';
import type { ConstantTensor, Shape, TensorType } from '../tensor.ts';

/** The value of the node's output, whose shape the operator has inferred; `values` are those of the inputs that are there. */
export type Rule = (node: Omit<GraphContext, 'graph'>, values: readonly ConstantTensor[]) => ConstantTensor | undefined;

const integers: readonly TensorType[] = ['int32', 'int64', 'uint8'];

export function isInteger(type: TensorType): boolean {
  return integers.includes(type);
}

/** Rounds as the type does. */
export function tensorOf(type: TensorType, shape: Shape, values: readonly number[]): ConstantTensor {
  if (type === 'float32') return { type, shape, data: Float32Array.from(values) };
  const exact = isInteger(type)
    ? values.map(Math.trunc)
    : type === 'bool'
      ? values.map((x) => (x === 0 ? 0 : 1))
      : values;
  return { type, shape, data: Float64Array.from(exact) };
}

/** The index of each element, in row-major order. */
export function indicesOf(shape: Shape): number[][] {
  return Array.from({ length: elementCount(shape) }, (_, flat) => {
    let rest = flat;
    return shape
      .toReversed()
      .map((extent) => {
        const index = rest % extent;
        rest = Math.floor(rest / extent);
        return index;
      })
      .reverse();
  });
}

/** Where an index lies in row-major order; axes of extent 1 are broadcast, axes that are missing in front too. */
export function placeOf(shape: Shape, index: readonly number[]): number {
  const leading = index.length - shape.length;
  return shape.reduce((place, extent, axis) => place * extent + (extent === 1 ? 0 : index[axis + leading]!), 0);
}

/** The value's elements over a larger shape. */
export function broadcastTo({ shape, data }: ConstantTensor, to: Shape): number[] {
  if (elementCount(shape) === elementCount(to)) return [...data];
  return indicesOf(to).map((index) => data[placeOf(shape, index)]!);
}
