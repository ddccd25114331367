/**
 * Operators of older versions in the terms of opset 18, https://github.com/onnx/onnx/blob/main/docs/Changelog.md: what was
 * an attribute is an input, and what changed its meaning is written out. Newer versions stay as they are.
 */

import { opset } from '../model.ts';
import {
  createNode,
  floatAttribute,
  floatsAttribute,
  hasAttribute,
  integerAttribute,
  integersAttribute,
  stringAttribute,
  withoutAttributes,
} from '../node.ts';
import { describe } from '../operators/operator.ts';
import type { NodeProto } from '../proto.ts';
import { addFloats, addIntegers, addScalar, type Draft, freshName, inPlaceOf, invalid, rewrite } from './draft.ts';

type Upgrade = (node: NodeProto, draft: Draft) => readonly NodeProto[];

/** Puts a value at a place among the inputs. */
function withInput(node: NodeProto, place: number, value: string): NodeProto {
  const input = Array.from({ length: Math.max(place + 1, node.input?.length ?? 0) }, (_, i) => node.input?.[i] ?? '');
  input[place] = value;
  return { ...node, input };
}

/** Turns a list of integers from an attribute into an input. */
function integersToInput(attribute: string, place: number): Upgrade {
  return (node, draft) => {
    const plain = withoutAttributes(node, attribute);
    if (!hasAttribute(node, attribute)) return [plain];
    const name = addIntegers(draft, `${node.output![0]}/${attribute}`, integersAttribute(node, attribute, []));
    return [withInput(plain, place, name)];
  };
}

const clip: Upgrade = (node, draft) => {
  const bound = (limited: NodeProto, name: string, place: number) =>
    hasAttribute(node, name)
      ? withInput(limited, place, addScalar(draft, `${node.output![0]}/${name}`, floatAttribute(node, name, 0)))
      : limited;
  return [bound(bound(withoutAttributes(node, 'min', 'max'), 'min', 1), 'max', 2)];
};

const dropoutRatio: Upgrade = (node, draft) => {
  const ratio = addScalar(draft, `${node.output![0]}/ratio`, floatAttribute(node, 'ratio', 0.5));
  return [withInput(withoutAttributes(node, 'ratio'), 1, ratio)];
};

const pad: Upgrade = (node, draft) => {
  const pads = addIntegers(draft, `${node.output![0]}/pads`, integersAttribute(node, 'pads', []));
  const value = addScalar(draft, `${node.output![0]}/value`, floatAttribute(node, 'value', 0));
  return [withInput(withInput(withoutAttributes(node, 'pads', 'value'), 1, pads), 2, value)];
};

const slice: Upgrade = (node, draft) =>
  ['starts', 'ends', 'axes'].reduce<readonly NodeProto[]>(
    ([partly], attribute, place) => integersToInput(attribute, place + 1)(partly!, draft),
    [node],
  );

const topK: Upgrade = (node, draft) => {
  const k = addIntegers(draft, `${node.output![0]}/k`, [integerAttribute(node, 'k', 1)]);
  return [withInput(withoutAttributes(node, 'k'), 1, k)];
};

/** Equal parts had no number before: it is that of the outputs. */
const splitEvenly: Upgrade = (node) => {
  if (node.input?.[1]) return [node];
  const parts = createNode('Split', [], [], { num_outputs: node.output!.length }).attribute!;
  return [{ ...node, attribute: [...(node.attribute ?? []), ...parts] }];
};

/** Before opset 13 all axes from `axis` on (1 by default) were one: a softmax over rows of a matrix. */
const softmax: Upgrade = (node, draft) => {
  const axis = integerAttribute(node, 'axis', 1);
  const [input] = node.input as [string];
  if (axis === -1) return [node];
  const flat = freshName(draft, `${node.output![0]}/flat`);
  const rows = `${flat}.rows`;
  const shape = `${flat}.shape`;
  return [
    createNode('Shape', [input], [shape]),
    createNode('Flatten', [input], [flat], { axis }),
    { ...createNode(node.opType, [flat], [rows], { axis: -1 }), ...(node.name && { name: node.name }) },
    createNode('Reshape', [rows, shape], [node.output![0]!]),
  ];
};

/** Resize of opset 10 and Upsample map corners to corners and take the nearest below. */
const resize: Upgrade = (node, draft) => {
  const [input, given] = node.input as [string, string?];
  const values = floatsAttribute(node, 'scales', []);
  const scales = given ?? addFloats(draft, `${node.output![0]}/scales`, [values.length], values);
  return [
    inPlaceOf(node, 'Resize', [input, '', scales], {
      mode: stringAttribute(node, 'mode', 'nearest'),
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
  ];
};

const resizeWithoutRegion: Upgrade = (node) => {
  if (stringAttribute(node, 'coordinate_transformation_mode', '') === 'tf_half_pixel_for_nn') {
    throw invalid(`${describe(node)} maps coordinates by tf_half_pixel_for_nn: export it with opset 13 or newer`);
  }
  return [node];
};

const batchNormalization: Upgrade = (node) => {
  if (integerAttribute(node, 'spatial', 1) === 0) {
    throw invalid(`${describe(node)} normalises each pixel by itself (spatial=0): export it with opset 9 or newer`);
  }
  return [withoutAttributes(node, 'spatial')];
};

/** One scale a group, not yet one a channel: an instance normalisation whose channels are the groups. */
const groupNormalization: Upgrade = (node, draft) => {
  const [x, scale, bias] = node.input as [string, string, string];
  const grouped = freshName(draft, `${node.output![0]}/grouped`);
  const shape = `${grouped}.shape`;
  const to = addIntegers(draft, `${grouped}.to`, [0, integerAttribute(node, 'num_groups', 1), -1]);
  const epsilon = { epsilon: { float: floatAttribute(node, 'epsilon', 1e-5) } };
  return [
    createNode('Shape', [x], [shape]),
    createNode('Reshape', [x, to], [grouped]),
    createNode('InstanceNormalization', [grouped, scale, bias], [`${grouped}.normal`], epsilon),
    createNode('Reshape', [`${grouped}.normal`, shape], [node.output![0]!]),
  ];
};

const renamed =
  (opType: string): Upgrade =>
  (node) => [{ ...node, opType }];

const reductions = 'Max Min Mean Prod L1 L2 LogSum LogSumExp SumSquare'.split(' ').map((name) => `Reduce${name}`);

/** By operator: what is done to nodes of files older than a version, in order. */
const upgrades: Readonly<Record<string, readonly (readonly [before: number, Upgrade])[]>> = {
  BatchNormalization: [[9, batchNormalization]],
  Clip: [[11, clip]],
  Dropout: [[12, dropoutRatio]],
  GroupNormalization: [[21, groupNormalization]],
  Hardmax: [[13, softmax]],
  LogSoftmax: [[13, softmax]],
  Pad: [[11, pad]],
  ReduceSum: [[13, integersToInput('axes', 1)]],
  Resize: [
    [11, resize],
    [13, resizeWithoutRegion],
  ],
  Scatter: [[11, renamed('ScatterElements')]],
  Slice: [[10, slice]],
  Softmax: [[13, softmax]],
  Split: [
    [13, integersToInput('split', 1)],
    [18, splitEvenly],
  ],
  Squeeze: [[13, integersToInput('axes', 1)]],
  TopK: [[10, topK]],
  Unsqueeze: [[13, integersToInput('axes', 1)]],
  Upsample: [[10, resize]],
  ...Object.fromEntries(reductions.map((name) => [name, [[18, integersToInput('axes', 1)]] as const])),
};

export function upgrade(draft: Draft): void {
  const { opset: version } = draft;
  rewrite(draft, (node) =>
    (upgrades[node.opType] ?? [])
      .filter(([before]) => version < before)
      .reduce<readonly NodeProto[]>(
        (nodes, [, apply]) => nodes.flatMap((each) => (each.opType === node.opType ? apply(each, draft) : [each])),
        [node],
      ),
  );
  draft.opset = Math.max(version, opset);
}
