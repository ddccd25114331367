/** What moves elements and does not change them. */
import { axisIn } from '../operators/operator.ts';
import { permutation } from '../operators/shaping.ts';
import { slicesOf } from '../operators/slice.ts';
import { indicesOf, placeOf, type Rule, tensorOf } from './rule.ts';

const unmoved: Rule = ({ outputShape }, [value]) => ({ ...value!, shape: outputShape });

/** Each element of the output is the element of the first input at the index that `source` names. */
function picking(
  source: (node: Parameters<Rule>[0], values: Parameters<Rule>[1]) => (index: number[]) => number[],
): Rule {
  return (node, values) => {
    const [{ type, shape, data }] = values as [Parameters<Rule>[1][number]];
    const from = source(node, values);
    const places = indicesOf(node.outputShape).map((index) => placeOf(shape, from(index)));
    return tensorOf(
      type,
      node.outputShape,
      places.map((place) => data[place]!),
    );
  };
}

const gather = picking((node, [, indices]) => {
  const [from, by] = node.shapes as [readonly number[], readonly number[]];
  const axis = axisIn(node, 0);
  return (index) => {
    const chosen = indices!.data[placeOf(by, index.slice(axis, axis + by.length))]!;
    return [...index.slice(0, axis), chosen < 0 ? chosen + from[axis]! : chosen, ...index.slice(axis + by.length)];
  };
});

const concat: Rule = (node, values) => {
  const { outputShape } = node;
  const axis = axisIn(node, 0);
  const outer = outputShape.slice(0, axis).reduce((product, extent) => product * extent, 1);
  const rows = Array.from({ length: outer }, (_, row) =>
    values.flatMap(({ data }) => {
      const size = data.length / outer;
      return [...data.subarray(row * size, (row + 1) * size)];
    }),
  );
  return tensorOf(values[0]!.type, outputShape, rows.flat());
};

export const rearranging: Readonly<Record<string, Rule>> = {
  Concat: concat,
  Expand: picking(() => (index) => index),
  Flatten: unmoved,
  Gather: gather,
  Identity: unmoved,
  Reshape: unmoved,
  Slice: picking((node) => {
    const slices = slicesOf(node);
    return (index) => index.map((position, axis) => slices[axis]!.start + position * slices[axis]!.step);
  }),
  Squeeze: unmoved,
  Tile: picking(
    ({ shapes }) =>
      (index) =>
        index.map((position, axis) => position % shapes[0]![axis]!),
  ),
  Transpose: picking((node) => {
    const perm = permutation(node);
    return (index) => perm.map((_, axis) => index[perm.indexOf(axis)]!);
  }),
  Unsqueeze: unmoved,
};
