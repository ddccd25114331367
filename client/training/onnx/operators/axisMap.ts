/** Operators that act on each axis by a matrix of its own, and on the others not: padding by copies, resizing. */
import type { GraphBuilder } from '../graph.ts';
import { floatTensor, type Shape } from '../tensor.ts';

/** For each position of the output, how much of which positions of the input it takes. */
export type AxisMap = readonly (readonly { from: number; weight: number }[])[];

/** The gradient with respect to the input: along each axis that has a map, the product with the map's transpose. */
export function applyTransposed(
  graph: GraphBuilder,
  gradient: string,
  shape: Shape,
  maps: readonly (AxisMap | undefined)[],
): string {
  return maps.reduce((value, map, axis) => {
    if (!map) return value;
    const extent = shape[axis]!;
    const matrix = new Float32Array(map.length * extent);
    for (const [position, parts] of map.entries()) {
      for (const { from, weight } of parts) matrix[position * extent + from]! += weight;
    }
    const last = shape.length - 1;
    const perm = shape.map((_, place) => (place === axis ? last : place === last ? axis : place));
    const turn = (name: string) => (axis === last ? name : graph.add('Transpose', [name], { perm }));
    const product = graph.add('MatMul', [turn(value), graph.constant(floatTensor([map.length, extent], matrix))]);
    return turn(product);
  }, gradient);
}
