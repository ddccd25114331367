/** Slice: a part of each axis, forwards or backwards, in steps. */
import type { GraphBuilder } from '../graph.ts';
import type { Shape } from '../tensor.ts';
import { axisOf, type ForwardContext, integersOf, type NodeContext, type Operator } from './operator.ts';

export interface AxisSlice {
  start: number;
  step: number;
  count: number;
}

/** Starts, ends, axes and steps are inputs since opset 10. Limits beyond the axis are cut, as NumPy does. */
export function slicesOf(context: NodeContext): AxisSlice[] {
  const { node, shapes } = context;
  const extents = shapes[0]!;
  const starts = integersOf(context, 1, 'starts') ?? [];
  const ends = integersOf(context, 2, 'ends') ?? [];
  const axes = (integersOf(context, 3, 'axes') ?? starts.map((_, axis) => axis)).map((axis) =>
    axisOf(node, axis, extents.length),
  );
  const steps = integersOf(context, 4, 'steps') ?? starts.map(() => 1);
  return extents.map((extent, axis) => {
    const place = axes.indexOf(axis);
    if (place === -1) return { start: 0, step: 1, count: extent };
    const step = steps[place]!;
    const [lowest, highest] = step > 0 ? [0, extent] : [-1, extent - 1];
    const cut = (limit: number) => Math.min(Math.max(limit < 0 ? limit + extent : limit, lowest), highest);
    const start = cut(starts[place]!);
    return { start, step, count: Math.max(Math.ceil((cut(ends[place]!) - start) / step), 0) };
  });
}

function forward(context: ForwardContext): void {
  const { graph, inputs, output } = context;
  const slices = slicesOf(context);
  const limits = [
    slices.map(({ start }) => start),
    slices.map(({ start, step, count }) => {
      const end = start + count * step;
      return end < 0 ? -(2 ** 31) : end; // before the first element: −1 would be the last
    }),
    slices.map((_, axis) => axis),
    slices.map(({ step }) => step),
  ];
  graph.addNamed('Slice', [inputs[0]!, ...limits.map((limit) => graph.integers(limit))], [output]);
}

/** Puts the parts of `value` back to where they were in a tensor of zeros. */
export function unslice(graph: GraphBuilder, value: string, slices: readonly AxisSlice[], shape: Shape): string {
  const isStepped = ({ step }: AxisSlice) => step !== 1;
  const pads = slices.map((slice, axis) =>
    isStepped(slice) ? [0, 1] : [slice.start, shape[axis]! - slice.start - slice.count],
  );
  const flat = [...pads.map(([begin]) => begin!), ...pads.map(([, end]) => end!)];
  const padded = flat.some((pad) => pad > 0) ? graph.add('Pad', [value, graph.integers(flat)]) : value;
  return slices.reduce((spread, slice, axis) => {
    if (!isStepped(slice)) return spread;
    const places = Array<number>(shape[axis]!).fill(slice.count); // where the zeros are
    for (let place = 0; place < slice.count; place++) places[slice.start + place * slice.step] = place;
    return graph.add('Gather', [spread, graph.integers(places)], { axis });
  }, padded);
}

export const slice: Operator = {
  differentiable: [0],
  inferShape: (context) => slicesOf(context).map(({ count }) => count),
  forward,
  backward: (context) => [unslice(context.graph, context.gradient, slicesOf(context), context.shapes[0]!)],
};
