/** Operators through which no gradient flows: comparisons, logic, rounding, choices. */
import { integerAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { broadcast } from './arithmetic.ts';
import { axisIn, axisOf, type NodeContext, type Operator, unsupported } from './operator.ts';

function indifferent(inferShape: (context: NodeContext) => Shape): Operator {
  return { differentiable: [], inferShape, backward: () => [] };
}

export const comparison = indifferent(({ node, shapes }) => broadcast(node, ...shapes));

/** Not, IsNaN, IsInf; and Sign, Floor, Ceil and Round, whose derivative is zero wherever they have one. */
export const predicate = indifferent(({ shapes }) => shapes[0]!);

export const argMax = indifferent((context) => {
  const { node, shapes } = context;
  const axis = axisIn(context, 0);
  const isKept = integerAttribute(node, 'keepdims', 1) === 1;
  return shapes[0]!.flatMap((extent, place) => (place === axis ? (isKept ? 1 : []) : extent));
});

export const oneHot = indifferent(({ node, shapes, constant }) => {
  const depth = constant(1)?.[0];
  if (depth === undefined) throw unsupported(node, 'a depth that depends on the data');
  const rank = shapes[0]!.length;
  return shapes[0]!.toSpliced(axisOf(node, integerAttribute(node, 'axis', -1), rank + 1), 0, depth);
});
