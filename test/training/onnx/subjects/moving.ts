import { float } from '../../../../client/training/onnx/node.ts';
import { floatTensor, integerTensor } from '../../../../client/training/onnx/tensor.ts';
import type { Subjects } from './values.ts';

const list = (...values: number[]) => integerTensor([values.length], values);
const scales = (...values: number[]) => floatTensor([values.length], values);
const resized = (mode: string, transformation: string, nearest = 'floor') => ({
  attributes: { mode, coordinate_transformation_mode: transformation, nearest_mode: nearest },
});

export const moving: Subjects = {
  Concat: {
    'two, last axis': {
      inputs: [
        [2, 3],
        [2, 4],
      ],
      attributes: { axis: -1 },
    },
    'three, one a constant': {
      inputs: [[2, 3, 2], floatTensor([1, 3, 2], [1, 2, 3, 4, 5, 6]), [3, 3, 2]],
      attributes: { axis: 0 },
    },
    one: { inputs: [[2, 3]], attributes: { axis: 1 } },
  },
  DepthToSpace: {
    DCR: { inputs: [[2, 8, 2, 3]], attributes: { blocksize: 2 } },
    CRD: { inputs: [[2, 8, 2, 3]], attributes: { blocksize: 2, mode: 'CRD' } },
  },
  Expand: {
    'new axes and wider ones': { inputs: [[3, 1], list(2, 3, 4)] },
    'a shape that is narrower': { inputs: [[2, 3, 4], list(3, 1)] },
  },
  Flatten: {
    'axis 1': { inputs: [[2, 3, 4]] },
    'axis 2': { inputs: [[2, 3, 4, 2]], attributes: { axis: 2 } },
    'axis 0': { inputs: [[2, 3]], attributes: { axis: 0 } },
    'negative axis': { inputs: [[2, 3, 4]], attributes: { axis: -1 } },
  },
  Gather: {
    'rows of an embedding, some twice': { inputs: [[5, 3], integerTensor([2, 3], [1, 4, 1, 0, 1, 4])] },
    'counted from the end': { inputs: [[5, 3], list(-1, 0, -1)] },
    'one row': { inputs: [[4, 3, 2], integerTensor([], [2])] },
    'second axis': { inputs: [[2, 4, 3], list(3, 0, 3)], attributes: { axis: 1 } },
    'last axis, a matrix of indices': {
      inputs: [[2, 3, 4], integerTensor([2, 2], [3, 0, 0, 3])],
      attributes: { axis: -1 },
    },
    'one of the last axis': { inputs: [[2, 3, 4], integerTensor([], [-1])], attributes: { axis: 2 } },
    'numbers of a vector': { inputs: [[5], list(1, 1, 4)] },
  },
  GatherElements: {
    'last axis, some twice': { inputs: [[2, 4], integerTensor([2, 3], [1, 1, 3, 0, 2, 0])], attributes: { axis: 1 } },
    'first axis': { inputs: [[3, 2], integerTensor([2, 2], [2, 0, 2, 1])] },
    'as many of the first axis': { inputs: [[3, 2], integerTensor([3, 2], [2, 0, 2, 1, 0, 1])] },
  },
  GatherND: {
    elements: { inputs: [[3, 4], integerTensor([3, 2], [0, 1, 2, 3, 0, 1])] },
    rows: { inputs: [[3, 4], integerTensor([2, 1], [2, 2])] },
  },
  OneHot: {
    'last axis': {
      inputs: [[3, 2], floatTensor([], [4]), scales(0, 1)],
      indifferent: true,
      value: (random) => Math.floor(random * 4),
    },
    'first axis': {
      inputs: [[3, 2], scales(5), scales(-1, 2)],
      attributes: { axis: 0 },
      indifferent: true,
      value: (random) => Math.floor(random * 4),
    },
  },
  Pad: {
    constant: { inputs: [[2, 3, 4], list(0, 1, 2, 0, 0, 1), floatTensor([], [0.5])] },
    'negative pads cut': { inputs: [[4, 5], list(-1, 2, 0, -2)] },
    'of some axes': { inputs: [[2, 3, 4], list(1, 2), undefined, list(-1)] },
    reflect: { inputs: [[1, 2, 4, 5], list(0, 0, 2, 1, 0, 0, 1, 3)], attributes: { mode: 'reflect' } },
    edge: { inputs: [[2, 3, 4], list(0, 1, 2, 0, 2, 0)], attributes: { mode: 'edge' } },
    wrap: { inputs: [[2, 4], list(0, 2, 0, 1)], attributes: { mode: 'wrap' }, opset: 19 },
    'pads as an attribute': { inputs: [[2, 3]], attributes: { pads: [0, 1, 0, 2], value: float(0.25) }, opset: 10 },
  },
  Reshape: {
    'copying and inferring': { inputs: [[2, 3, 4], list(0, -1, 2)] },
    'allowzero without zeros': { inputs: [[2, 6], list(-1, 3)], attributes: { allowzero: 1 } },
    'to a vector': { inputs: [[2, 3], list(-1)] },
  },
  Resize: {
    'nearest, twice as large, as PyTorch': {
      inputs: [[1, 2, 3, 4], undefined, scales(1, 1, 2, 2)],
      ...resized('nearest', 'asymmetric'),
    },
    'nearest, half pixels': {
      inputs: [[1, 1, 3, 4], undefined, scales(1, 1, 2, 3)],
      ...resized('nearest', 'half_pixel', 'round_prefer_floor'),
    },
    'nearest, smaller': {
      inputs: [[1, 1, 6, 5], undefined, scales(1, 1, 0.5, 0.6)],
      ...resized('nearest', 'asymmetric'),
    },
    'nearest, rounded half up, given sizes': {
      inputs: [[1, 1, 3, 4], undefined, undefined, list(1, 1, 5, 7)],
      ...resized('nearest', 'half_pixel', 'round_prefer_ceil'),
    },
    'linear, half pixels': {
      inputs: [[1, 2, 3, 4], undefined, scales(1, 1, 2, 2)],
      ...resized('linear', 'half_pixel'),
    },
    'linear, as PyTorch': {
      inputs: [[1, 2, 3, 4], undefined, undefined, list(1, 2, 5, 7)],
      ...resized('linear', 'pytorch_half_pixel'),
    },
    'linear, corners aligned': {
      inputs: [[1, 1, 3, 4], undefined, undefined, list(1, 1, 5, 9)],
      ...resized('linear', 'align_corners'),
    },
    'linear, smaller': {
      inputs: [[1, 1, 6, 6], undefined, scales(1, 1, 0.5, 0.5)],
      ...resized('linear', 'half_pixel'),
    },
    'of named axes': {
      inputs: [[1, 2, 3, 4], undefined, undefined, list(6, 8)],
      attributes: {
        axes: [2, 3],
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      },
    },
    'one axis': { inputs: [[1, 2, 5], undefined, scales(1, 1, 2)], ...resized('nearest', 'asymmetric') },
  },
  Slice: {
    'a part of one axis': { inputs: [[3, 5], list(1), list(4), list(1)] },
    'to the end, as PyTorch writes it': { inputs: [[3, 5], list(2), list(2 ** 63), list(1), list(1)] },
    'from the end': { inputs: [[3, 5], list(-3, -2), list(-1, 9), list(1, 0)] },
    'every second': { inputs: [[3, 7], list(1), list(7), list(-1), list(2)] },
    reversed: { inputs: [[3, 5], list(-1), list(-(2 ** 63)), list(1), list(-1)] },
    'reversed, first axis': { inputs: [[3, 5], list(-1), list(-(2 ** 63)), list(0), list(-1)] },
    'backwards in steps, two axes': { inputs: [[4, 6], list(3, 4), list(0, 0), list(0, 1), list(-2, -3)] },
    'as attributes': { inputs: [[3, 5]], attributes: { starts: [1], ends: [2 ** 40], axes: [1] }, opset: 9 },
  },
  SpaceToDepth: { blocks: { inputs: [[2, 3, 4, 2]], attributes: { blocksize: 2 } } },
  Split: {
    'two even parts': { inputs: [[2, 6], list(3, 3)], attributes: { axis: 1 }, outputs: [0, 1] },
    'uneven parts, the middle one unused': {
      inputs: [[2, 7], list(2, 1, 4)],
      attributes: { axis: -1 },
      outputs: [0, 2],
    },
    'only the last': { inputs: [[6, 2], list(1, 5)], outputs: [1] },
    'number of outputs': { inputs: [[2, 7]], attributes: { axis: 1, num_outputs: 3 }, outputs: [0, 1, 2] },
    'even, by the outputs': { inputs: [[2, 6]], attributes: { axis: 1 }, outputs: [0, 1], opset: 13 },
    'as an attribute': { inputs: [[2, 6]], attributes: { axis: 1, split: [4, 2] }, outputs: [0, 1], opset: 11 },
  },
  Squeeze: {
    'given axes': { inputs: [[2, 1, 3], list(-2)] },
    'all of one': { inputs: [[2, 1, 3, 1]] },
    'as an attribute': { inputs: [[2, 1, 3, 1]], attributes: { axes: [1] }, opset: 11 },
  },
  Tile: { 'three axes': { inputs: [[2, 1, 3], list(1, 4, 2)] }, nothing: { inputs: [[2, 3], list(1, 1)] } },
  Transpose: {
    permuted: { inputs: [[2, 3, 4]], attributes: { perm: [1, 2, 0] } },
    reversed: { inputs: [[2, 3, 4]] },
  },
  Unsqueeze: {
    'given axes': { inputs: [[2, 3], list(1, -1)] },
    'as an attribute': { inputs: [[2, 3]], attributes: { axes: [0, 3] }, opset: 11 },
  },
};
