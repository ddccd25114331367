/** Pad with a constant, the edge, or the reflection; negative pads cut. */
import { floatAttribute, stringAttribute } from '../node.ts';
import { type AxisMap, applyTransposed } from './axisMap.ts';
import { axisOf, type ForwardContext, integersOf, type NodeContext, type Operator, unsupported } from './operator.ts';

interface Pads {
  begin: number;
  end: number;
}

/** Pads are an attribute before opset 11, an input since; axes may be left out since opset 18. */
function padsOf(context: NodeContext): Pads[] {
  const { node, shapes } = context;
  const given = integersOf(context, 1, 'pads') ?? [];
  const rank = shapes[0]!.length;
  const axes = integersOf(context, 3, 'axes') ?? shapes[0]!.map((_, axis) => axis);
  const pads = shapes[0]!.map((): Pads => ({ begin: 0, end: 0 }));
  for (const [place, axis] of axes.entries()) {
    pads[axisOf(node, axis, rank)] = { begin: given[place]!, end: given[place + axes.length]! };
  }
  return pads;
}

function reflected(place: number, extent: number): number {
  const period = Math.max(2 * (extent - 1), 1);
  const within = ((place % period) + period) % period;
  return Math.min(within, period - within);
}

const sources: Readonly<Record<string, (place: number, extent: number) => number>> = {
  edge: (place, extent) => Math.min(Math.max(place, 0), extent - 1),
  reflect: reflected,
  wrap: (place, extent) => ((place % extent) + extent) % extent,
};

function mapsOf(context: NodeContext, mode: string): (AxisMap | undefined)[] {
  return padsOf(context).map(({ begin, end }, axis) => {
    if (begin === 0 && end === 0) return undefined;
    const extent = context.shapes[0]![axis]!;
    return Array.from({ length: begin + extent + end }, (_, place) => [
      { from: sources[mode]!(place - begin, extent), weight: 1 },
    ]);
  });
}

function modeOf({ node }: NodeContext): string {
  return stringAttribute(node, 'mode', 'constant');
}

export const pad: Operator = {
  differentiable: [0],
  inferShape(context) {
    const mode = modeOf(context);
    const pads = padsOf(context);
    if (mode !== 'constant' && !(mode in sources)) throw unsupported(context.node, `the mode "${mode}"`);
    if (mode !== 'constant' && pads.some(({ begin, end }) => begin < 0 || end < 0)) {
      throw unsupported(context.node, `negative pads in the mode "${mode}"`);
    }
    return context.shapes[0]!.map((extent, axis) => extent + pads[axis]!.begin + pads[axis]!.end);
  },
  forward(context: ForwardContext) {
    const { graph, node, inputs, output } = context;
    const pads = padsOf(context);
    const flat = graph.integers([...pads.map(({ begin }) => begin), ...pads.map(({ end }) => end)]);
    const value = inputs[2] || graph.scalar(floatAttribute(node, 'value', 0));
    graph.addNamed('Pad', [inputs[0]!, flat, value], [output], { mode: modeOf(context) });
  },
  backward(context) {
    const { graph, shapes, gradient } = context;
    const mode = modeOf(context);
    if (mode !== 'constant') return [applyTransposed(graph, gradient, shapes[0]!, mapsOf(context, mode))];
    const pads = padsOf(context);
    const opposite = [...pads.map(({ begin }) => -begin), ...pads.map(({ end }) => -end)];
    return [graph.add('Pad', [gradient, graph.integers(opposite)])];
  },
};
