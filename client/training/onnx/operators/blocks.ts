/** DepthToSpace and SpaceToDepth: each the other's inverse. */
import { integerAttribute, stringAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { mismatch, type NodeContext, type Operator } from './operator.ts';

type Image = [number, number, number, number];

function imageOf({ node, shapes }: NodeContext): Image {
  if (shapes[0]!.length === 4) return [...shapes[0]!] as Image;
  throw mismatch(node, `it wants [batch, channels, height, width], not [${shapes[0]}]`);
}

export const spaceToDepth: Operator = {
  inferShape(context) {
    const size = integerAttribute(context.node, 'blocksize', 1);
    const [n, c, h, w] = imageOf(context);
    if (h % size || w % size) throw mismatch(context.node, `[${h},${w}] is not made of blocks of ${size}`);
    return [n, c * size * size, h / size, w / size];
  },
  backward: ({ graph, node, gradient }) => [
    graph.add('DepthToSpace', [gradient], { blocksize: integerAttribute(node, 'blocksize', 1), mode: 'DCR' }),
  ],
};

export const depthToSpace: Operator = {
  inferShape(context) {
    const size = integerAttribute(context.node, 'blocksize', 1);
    const [n, c, h, w] = imageOf(context);
    if (c % (size * size)) throw mismatch(context.node, `${c} channels are not blocks of ${size}×${size}`);
    return [n, c / (size * size), h * size, w * size];
  },
  backward({ graph, node, shapes, gradient }) {
    const size = integerAttribute(node, 'blocksize', 1);
    if (stringAttribute(node, 'mode', 'DCR') === 'DCR') {
      return [graph.add('SpaceToDepth', [gradient], { blocksize: size })];
    }
    const [n, c, h, w] = shapes[0] as Image;
    const apart: Shape = [n, c / (size * size), h, size, w, size];
    const blocks = graph.add('Reshape', [gradient, graph.integers(apart)]);
    const turned = graph.add('Transpose', [blocks], { perm: [0, 1, 3, 5, 2, 4] });
    return [graph.add('Reshape', [turned, graph.integers(shapes[0]!)])];
  },
};
