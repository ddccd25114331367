/** Resize, nearest and linear: each axis by a matrix of its own. */
import { integerAttribute, integersAttribute, stringAttribute } from '../node.ts';
import { type AxisMap, applyTransposed } from './axisMap.ts';
import { axisOf, type NodeContext, type Operator, unsupported } from './operator.ts';

interface Axis {
  extent: number;
  size: number;
  scale: number;
}

/** Scales or sizes are given, of all axes or of those named (opset 18). */
function axesOf(context: NodeContext): Axis[] {
  const { node, inputs, shapes, constant } = context;
  const scales = constant(2);
  const sizes = inputs[3] ? constant(3) : undefined;
  if (!sizes?.length && !scales?.length) throw unsupported(node, 'a size that depends on the data');
  const rank = shapes[0]!.length;
  const named = integersAttribute(
    node,
    'axes',
    shapes[0]!.map((_, axis) => axis),
  ).map((axis) => axisOf(node, axis, rank));
  return shapes[0]!.map((extent, axis) => {
    const place = named.indexOf(axis);
    if (place === -1) return { extent, size: extent, scale: 1 };
    if (sizes?.length) return { extent, size: sizes[place]!, scale: sizes[place]! / extent };
    return { extent, size: Math.floor(extent * scales![place]!), scale: scales![place]! };
  });
}

function coordinate(mode: string, position: number, { extent, size, scale }: Axis): number {
  switch (mode) {
    case 'asymmetric':
      return position / scale;
    case 'align_corners':
      return size === 1 ? 0 : (position * (extent - 1)) / (size - 1);
    case 'pytorch_half_pixel':
      return size === 1 ? 0 : (position + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric': {
      const adjustment = size / (scale * extent);
      return (extent / 2) * (1 - adjustment) + (position + 0.5) / scale - 0.5;
    }
    default:
      return (position + 0.5) / scale - 0.5;
  }
}

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function modesOf({ node }: NodeContext) {
  return {
    mode: stringAttribute(node, 'mode', 'nearest'),
    transformation: stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel'),
    nearest: stringAttribute(node, 'nearest_mode', 'round_prefer_floor'),
  };
}

function mapOf(context: NodeContext, axis: Axis): AxisMap | undefined {
  if (axis.scale === 1 && axis.size === axis.extent) return undefined;
  const { mode, transformation, nearest } = modesOf(context);
  const inside = (place: number) => Math.min(Math.max(place, 0), axis.extent - 1);
  return Array.from({ length: axis.size }, (_, position) => {
    const at = coordinate(transformation, position, axis);
    if (mode === 'nearest') return [{ from: inside(roundings[nearest]!(at)), weight: 1 }];
    const clamped = inside(at);
    const lower = Math.floor(clamped);
    const upper = { from: inside(lower + 1), weight: clamped - lower };
    return [{ from: lower, weight: 1 - upper.weight }, upper];
  });
}

const transformations = ['half_pixel', 'half_pixel_symmetric', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

export const resize: Operator = {
  differentiable: [0],
  inferShape(context) {
    const { node } = context;
    const { mode, transformation } = modesOf(context);
    if (mode !== 'nearest' && mode !== 'linear') throw unsupported(node, `the mode "${mode}"`);
    if (!transformations.includes(transformation)) throw unsupported(node, `the coordinates "${transformation}"`);
    if (integerAttribute(node, 'antialias', 0) !== 0) throw unsupported(node, 'antialias');
    if (stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') {
      throw unsupported(node, 'a kept aspect ratio');
    }
    return axesOf(context).map(({ size }) => size);
  },
  backward(context) {
    const { graph, shapes, gradient } = context;
    return [
      applyTransposed(
        graph,
        gradient,
        shapes[0]!,
        axesOf(context).map((axis) => mapOf(context, axis)),
      ),
    ];
  },
};
