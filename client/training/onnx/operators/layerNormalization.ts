/** Normalisations of each sample by itself: LayerNormalization, InstanceNormalization, GroupNormalization. */
import { elementCount } from '../../layout.ts';
import { type GraphBuilder, reduceTo } from '../graph.ts';
import { floatAttribute, integerAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { biasGradient, perChannel } from './convolution.ts';
import { evenly, normalize, normalizeBackward, type Over } from './normalization.ts';
import {
  axisIn,
  type BackwardContext,
  type GraphContext,
  mismatch,
  type NodeContext,
  type Operator,
} from './operator.ts';

export function epsilonOf({ node }: NodeContext): number {
  return floatAttribute(node, 'epsilon', Math.fround(1e-5));
}

/** The node computes scale · x̂ + bias; `scaleShape` is what scale broadcasts as. */
function affineBackward(context: BackwardContext, over: Over, scaleShape: Shape): (string | undefined)[] {
  const { graph, inputs, shapes, gradient, wanted } = context;
  const [x, scale] = inputs as [string, string];
  const from = shapes[0]!;
  const normalized = normalize(graph, x, over, epsilonOf(context));
  const reshaped = graph.add('Reshape', [scale, graph.integers(scaleShape)]);
  const ofParameter = (value: string, input: number) =>
    graph.add('Reshape', [reduceTo(graph, value, from, scaleShape), graph.integers(shapes[input]!)]);
  return [
    wanted(0) ? normalizeBackward(graph, normalized, over, graph.add('Mul', [gradient, reshaped])) : undefined,
    wanted(1) ? ofParameter(graph.add('Mul', [gradient, normalized.value]), 1) : undefined,
    inputs[2] && wanted(2) ? ofParameter(gradient, 2) : undefined,
  ];
}

function layerAxes(context: NodeContext): number[] {
  return context.shapes[0]!.map((_, axis) => axis).slice(axisIn(context, -1));
}

/** Over the axes from `axis` on (Ba et al., https://arxiv.org/abs/1607.06450). */
export const layerNormalization: Operator = {
  inferShape(context) {
    const { node, shapes } = context;
    const normalized = layerAxes(context).map((axis) => shapes[0]![axis]!);
    if (String(normalized) === String(shapes[1])) return shapes[0]!;
    throw mismatch(node, `a scale of [${shapes[1]}] does not fit the last axes of [${shapes[0]}]`);
  },
  backward(context) {
    const { graph, shapes } = context;
    return affineBackward(context, evenly(graph, shapes[0]!, layerAxes(context)), shapes[1]!);
  },
};

/** Over the spatial axes (Ulyanov et al., https://arxiv.org/abs/1607.08022). */
export const instanceNormalization: Operator = {
  inferShape({ node, shapes }) {
    const [x = [], scale = []] = shapes;
    if (x.length < 3 || scale[0] !== x[1]) throw mismatch(node, `a scale of [${scale}] does not fit [${x}]`);
    return x;
  },
  backward(context) {
    const from = context.shapes[0]!;
    const axes = from.map((_, axis) => axis).slice(2);
    return affineBackward(context, evenly(context.graph, from, axes), perChannel(from));
  },
};

function groupsOf({ node, shapes }: NodeContext): { groups: number; each: number; apart: Shape } {
  const groups = integerAttribute(node, 'num_groups', 1);
  const [n, channels, ...extents] = shapes[0]! as [number, number, ...number[]];
  const each = channels / groups;
  return { groups, each, apart: [n, groups, each * elementCount(extents)] };
}

function normalizeGroups(context: GraphContext) {
  const { graph, inputs } = context;
  const { apart } = groupsOf(context);
  const over = evenly(graph, apart, [2]);
  const grouped = graph.add('Reshape', [inputs[0]!, graph.integers(apart)]);
  return { over, apart, ...normalize(graph, grouped, over, epsilonOf(context)) };
}

/** Scale and bias are one for each group before opset 21, one for each channel since. */
function ofEachChannel(context: GraphContext, input: number): string {
  const { graph, inputs, shapes } = context;
  const { groups, each } = groupsOf(context);
  const isOfGroups = shapes[input]![0] === groups;
  const column = isOfGroups ? graph.add('Reshape', [inputs[input]!, graph.integers([groups, 1])]) : inputs[input]!;
  const spread = isOfGroups ? graph.add('Expand', [column, graph.integers([groups, each])]) : column;
  return graph.add('Reshape', [spread, graph.integers(perChannel(shapes[0]!))]);
}

function toParameter(graph: GraphBuilder, context: BackwardContext, value: string, input: number): string {
  const { shapes } = context;
  const { groups, each } = groupsOf(context);
  const channels = biasGradient(graph, value, shapes[0]!);
  if (shapes[input]![0] !== groups) return channels;
  const apart = graph.add('Reshape', [channels, graph.integers([groups, each])]);
  return graph.add('ReduceSum', [apart, graph.integers([1])], { keepdims: 0 });
}

/** Over groups of channels (Wu and He, https://arxiv.org/abs/1803.08494); written out, so that both forms are one. */
export const groupNormalization: Operator = {
  inferShape(context) {
    const [x = [], scale = []] = context.shapes;
    const { groups, each } = groupsOf(context);
    if (!Number.isInteger(each) || (scale[0] !== groups && scale[0] !== x[1])) {
      throw mismatch(context.node, `${groups} groups with a scale of [${scale}] do not fit [${x}]`);
    }
    return x;
  },
  forward(context) {
    const { graph, shapes, output } = context;
    const value = graph.add('Reshape', [normalizeGroups(context).value, graph.integers(shapes[0]!)]);
    graph.addNamed('Add', [graph.add('Mul', [value, ofEachChannel(context, 1)]), ofEachChannel(context, 2)], [output]);
  },
  backward(context) {
    const { graph, shapes, gradient, wanted } = context;
    const { over, apart, ...normalized } = normalizeGroups(context);
    const whole = (value: string) => graph.add('Reshape', [value, graph.integers(shapes[0]!)]);
    const ofInput = () => {
      const scaled = graph.add('Mul', [gradient, ofEachChannel(context, 1)]);
      return whole(normalizeBackward(graph, normalized, over, graph.add('Reshape', [scaled, graph.integers(apart)])));
    };
    const ofScale = () => toParameter(graph, context, graph.add('Mul', [gradient, whole(normalized.value)]), 1);
    return [
      wanted(0) ? ofInput() : undefined,
      wanted(1) ? ofScale() : undefined,
      wanted(2) ? toParameter(graph, context, gradient, 2) : undefined,
    ];
  },
};
