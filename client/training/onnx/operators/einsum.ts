/** Einsum of one or two operands; an index may not stand twice in one of them. */
import type { GraphBuilder } from '../graph.ts';
import { stringAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { type BackwardContext, mismatch, type NodeContext, type Operator, unsupported } from './operator.ts';

interface Equation {
  terms: readonly string[];
  result: string;
  extents: ReadonlyMap<string, number>;
}

/** Without an arrow the result has the indices that stand once, in the alphabet's order. */
function equationOf({ node, shapes }: NodeContext): Equation {
  const [left = '', right] = stringAttribute(node, 'equation', '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const isRepeated = (term: string) => new Set(term).size !== term.length;
  if (terms.length > 2 || left.includes('.') || terms.some(isRepeated)) throw unsupported(node, `the equation ${left}`);
  const extents = new Map<string, number>();
  for (const [place, term] of terms.entries()) {
    for (const [axis, index] of [...term].entries()) {
      const extent = shapes[place]?.[axis] ?? 0;
      if ((extents.get(index) ?? extent) !== extent || shapes[place]!.length !== term.length) {
        throw mismatch(node, `${left} does not fit ${shapes.map((shape) => `[${shape}]`).join(' and ')}`);
      }
      extents.set(index, extent);
    }
  }
  const once = [...terms.join('')].filter((index, _, all) => all.filter((other) => other === index).length === 1);
  return { terms, result: right ?? once.sort().join(''), extents };
}

/** The indices that only this operand has were summed: its gradient is the same along them. */
function spread(graph: GraphBuilder, value: string, from: string, term: string, shape: Shape): string {
  if (from.length === term.length) return value;
  const kept = shape.map((extent, axis) => (from.includes(term[axis]!) ? extent : 1));
  return graph.add('Expand', [graph.add('Reshape', [value, graph.integers(kept)]), graph.integers(shape)]);
}

function gradientOf(context: BackwardContext, input: number): string {
  const { graph, inputs, shapes, gradient } = context;
  const { terms, result } = equationOf(context);
  const others = terms.flatMap((term, place) => (place === input ? [] : [{ term, name: inputs[place]! }]));
  const reached = result + others.map(({ term }) => term).join('');
  const term = terms[input]!;
  const from = [...term].filter((index) => reached.includes(index)).join('');
  const equation = `${[result, ...others.map((other) => other.term)].join(',')}->${from}`;
  const product = graph.add('Einsum', [gradient, ...others.map(({ name }) => name)], { equation });
  return spread(graph, product, from, term, shapes[input]!);
}

export const einsum: Operator = {
  inferShape(context) {
    const { result, extents } = equationOf(context);
    return [...result].map((index) => extents.get(index)!);
  },
  backward: (context) =>
    context.inputs.map((_, input) => (context.wanted(input) ? gradientOf(context, input) : undefined)),
};
