/** What is made of shapes and numbers: Constant, ConstantOfShape, Range, Shape, Size. */
import { elementCount } from '../../layout.ts';
import { readConstant } from '../model.ts';
import { integerAttribute, tensorAttribute } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import { type ConstantTensor, integerTensor, readTensor, type Shape } from '../tensor.ts';
import { tensorOf } from './rule.ts';

type Find = (name: string) => ConstantTensor | undefined;
type Maker = (node: NodeProto, values: readonly ConstantTensor[], shape?: Shape) => ConstantTensor | undefined;

const constantOfShape: Maker = (node, [shape]) => {
  const proto = tensorAttribute(node, 'value');
  const { type, data } = proto ? readTensor(proto) : { type: 'float32' as const, data: [0] };
  const extents = [...shape!.data];
  return tensorOf(type, extents, Array(elementCount(extents)).fill(data[0]!));
};

const range: Maker = (_, [start, limit, delta]) => {
  const [first, end, step] = [start!, limit!, delta!].map(({ data }) => data[0]!) as [number, number, number];
  const count = Math.max(Math.ceil((end - first) / step), 0);
  return tensorOf(
    start!.type,
    [count],
    Array.from({ length: count }, (_, place) => first + place * step),
  );
};

const makers: Readonly<Record<string, Maker>> = {
  Constant: readConstant,
  ConstantOfShape: constantOfShape,
  Range: range,
};

/** Operators of which every value is known, or none. */
export const made: readonly string[] = [...Object.keys(makers), 'Shape', 'Size'];

/** The value that the node makes, where it is one of these and what it needs is known. */
export function make(node: NodeProto, shapes: ReadonlyMap<string, Shape>, find: Find): ConstantTensor | undefined {
  const inputs = node.input ?? [];
  const shape = shapes.get(inputs[0] ?? '');
  if (node.opType === 'Size') return shape && integerTensor([], [elementCount(shape)]);
  if (node.opType === 'Shape') {
    const extents = shape?.slice(integerAttribute(node, 'start', 0), integerAttribute(node, 'end', shape.length));
    return extents && integerTensor([extents.length], extents);
  }
  const values = inputs.flatMap((name) => find(name) ?? []);
  return values.length < inputs.length ? undefined : makers[node.opType]?.(node, values);
}
