/** Values that depend neither on data nor on parameters: exporters compute shapes from them. */

import { readConstant } from './model.ts';
import { integerAttribute, integersAttribute } from './node.ts';
import type { NodeProto } from './proto.ts';
import { type ConstantTensor, integerTensor, type Shape } from './tensor.ts';

type Rule = (node: NodeProto, values: readonly ConstantTensor[]) => ConstantTensor | undefined;

/** Lists of integers only, which is what shapes are made of. */
const rules: Record<string, Rule> = {
  Constant: readConstant,
  Identity: (_, [value]) => value,
  Cast: (_, [value]) => value,
  Concat: (_, values) => list(values.flatMap(({ data }) => [...data])),
  Unsqueeze: (_, [value]) => (value!.shape.length === 0 ? list([...value!.data]) : undefined),
  Squeeze: (_, [value]) => (value!.data.length === 1 ? { ...value!, shape: [] } : undefined),
  Gather(_, [value, indices]) {
    const { data } = value!;
    const picked = [...indices!.data].map((index) => data.at(index)!);
    return integerTensor(indices!.shape, picked);
  },
  Slice(node, [value, starts, ends, axes, steps]) {
    if (value!.shape.length !== 1 || axes?.data.some((axis) => axis !== 0) || steps?.data.some((step) => step !== 1)) {
      return undefined;
    }
    const start = starts?.data[0] ?? integersAttribute(node, 'starts', [])[0];
    const end = ends?.data[0] ?? integersAttribute(node, 'ends', [])[0];
    return list([...value!.data.slice(start, end)]);
  },
};

function list(values: readonly number[]): ConstantTensor {
  return integerTensor([values.length], values);
}

/** The node's value, or undefined where it is not constant. */
export function fold(
  node: NodeProto,
  constants: ReadonlyMap<string, ConstantTensor>,
  shapes: ReadonlyMap<string, Shape>,
): ConstantTensor | undefined {
  const inputs = (node.input ?? []).filter((name) => name !== '');
  if (node.opType === 'Shape') {
    const shape = shapes.get(inputs[0]!);
    return shape && list(shape.slice(integerAttribute(node, 'start', 0), integerAttribute(node, 'end', shape.length)));
  }
  const values = inputs.flatMap((name) => constants.get(name) ?? []);
  if (values.length < inputs.length) return undefined;
  return rules[node.opType]?.(node, values);
}
