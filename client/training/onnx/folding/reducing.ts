/** Along axes. */
import { integerAttribute } from '../node.ts';
import { reducedAxes } from '../operators/reduction.ts';
import { indicesOf, placeOf, type Rule, tensorOf } from './rule.ts';

function reduced(combine: (elements: readonly number[]) => number): Rule {
  return (node, [value]) => {
    const { type, shape, data } = value!;
    const axes = reducedAxes(node);
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const groups = indicesOf(kept).map((): number[] => []);
    for (const [place, index] of indicesOf(shape).entries()) groups[placeOf(kept, index)]!.push(data[place]!);
    return tensorOf(type, node.outputShape, groups.map(combine));
  };
}

const sum = (elements: readonly number[]) => elements.reduce((total, element) => total + element, 0);

/** Upper or lower triangle; the rest is 0. */
const trilu: Rule = ({ node, outputShape }, [value, offset]) => {
  const isUpper = integerAttribute(node, 'upper', 1) === 1;
  const diagonal = offset?.data[0] ?? 0;
  const kept = indicesOf(outputShape).map((index, place) => {
    const above = index.at(-1)! - index.at(-2)! - diagonal;
    return (isUpper ? above >= 0 : above <= 0) ? value!.data[place]! : 0;
  });
  return tensorOf(value!.type, outputShape, kept);
};

export const reducing: Readonly<Record<string, Rule>> = {
  ReduceMax: reduced((elements) => Math.max(...elements)),
  ReduceMean: reduced((elements) => sum(elements) / elements.length),
  ReduceMin: reduced((elements) => Math.min(...elements)),
  ReduceProd: reduced((elements) => elements.reduce((product, element) => product * element, 1)),
  ReduceSum: reduced(sum),
  Trilu: trilu,
};
