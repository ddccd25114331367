/**
 * What the normalisations share: x̂ = (x − mean) / √(variance + ε), the mean being weighted. With ĝ = ∂loss/∂x̂ and each
 * element's share p of the mean, ∂loss/∂x = (ĝ − p·(Σĝ + x̂·Σĝx̂)) / √(variance + ε) (Ioffe and Szegedy,
 * https://arxiv.org/abs/1502.03167, section 3).
 */
import { elementCount } from '../../layout.ts';
import type { GraphBuilder } from '../graph.ts';
import type { Shape } from '../tensor.ts';

/** Over which elements the mean goes, and what part of it each is. */
export interface Over {
  axes: readonly number[];
  /** A scalar, or a tensor that broadcasts; the elements' shares add up to 1. */
  share: string;
}

export function evenly(graph: GraphBuilder, shape: Shape, axes: readonly number[]): Over {
  return { axes, share: graph.scalar(1 / elementCount(axes.map((axis) => shape[axis]!))) };
}

function total(graph: GraphBuilder, value: string, { axes }: Over): string {
  return graph.add('ReduceSum', [value, graph.integers(axes)], { keepdims: 1 });
}

function meanOf(graph: GraphBuilder, value: string, over: Over): string {
  return total(graph, graph.add('Mul', [value, over.share]), over);
}

export interface Normalized {
  mean: string;
  variance: string;
  /** 1 / √(variance + ε) */
  inverse: string;
  /** x̂ */
  value: string;
}

/** Mean, variance and inverse keep their axes as 1. */
export function normalize(graph: GraphBuilder, x: string, over: Over, epsilon: number): Normalized {
  const mean = meanOf(graph, x, over);
  const centred = graph.add('Sub', [x, mean]);
  const variance = meanOf(graph, graph.add('Mul', [centred, centred]), over);
  const deviation = graph.add('Sqrt', [graph.add('Add', [variance, graph.scalar(epsilon)])]);
  const inverse = graph.add('Reciprocal', [deviation]);
  return { mean, variance, inverse, value: graph.add('Mul', [centred, inverse]) };
}

/** ∂loss/∂x, from `gradient` = ∂loss/∂x̂. */
export function normalizeBackward(
  graph: GraphBuilder,
  { value, inverse }: Pick<Normalized, 'value' | 'inverse'>,
  over: Over,
  gradient: string,
): string {
  const along = total(graph, graph.add('Mul', [gradient, value]), over);
  const common = graph.add('Add', [total(graph, gradient, over), graph.add('Mul', [value, along])]);
  const own = graph.add('Sub', [gradient, graph.add('Mul', [common, over.share])]);
  return graph.add('Mul', [own, inverse]);
}
