import { distinct, type Subjects } from './values.ts';

const pooled = (inputs: number[][], attributes: Record<string, number | string | number[]>) => ({
  inputs,
  attributes,
  value: distinct,
});

export const windows: Subjects = {
  AveragePool: {
    overlapping: pooled([[2, 3, 5, 6]], { kernel_shape: [3, 2], strides: [1, 2] }),
    'padding left out': pooled([[2, 2, 5, 4]], { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 1, 1, 0] }),
    'padding counted': pooled([[2, 2, 4, 5]], {
      kernel_shape: [2, 3],
      strides: [2, 2],
      pads: [0, 1, 1, 1],
      count_include_pad: 1,
    }),
    'rounded up': pooled([[2, 2, 6, 5]], { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }),
    'rounded up, padded': pooled([[2, 1, 6, 7]], {
      kernel_shape: [3, 3],
      strides: [2, 3],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
    }),
    'rounded up, padding counted': pooled([[2, 1, 6, 5]], {
      kernel_shape: [3, 2],
      strides: [2, 2],
      pads: [1, 0, 1, 0],
      ceil_mode: 1,
      count_include_pad: 1,
    }),
    dilated: { ...pooled([[2, 1, 7, 6]], { kernel_shape: [3, 2], dilations: [2, 3], pads: [1, 0, 1, 0] }), opset: 19 },
    'one axis': pooled([[2, 3, 7]], { kernel_shape: [3], strides: [2], pads: [1, 0] }),
    'three axes': pooled([[2, 1, 4, 3, 4]], { kernel_shape: [2, 2, 3], strides: [2, 1, 1] }),
    SAME_UPPER: pooled([[2, 2, 5, 4]], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  },
  Conv: {
    'plain, with bias': { inputs: [[2, 3, 5, 6], [4, 3, 2, 3], [4]] },
    'uneven strides and pads': {
      attributes: { strides: [2, 3], pads: [1, 0, 2, 1] },
      inputs: [
        [2, 2, 6, 7],
        [3, 2, 3, 2],
      ],
    },
    'stride that leaves a remainder on both axes': {
      attributes: { strides: [3, 2] },
      inputs: [
        [2, 1, 7, 6],
        [2, 1, 2, 3],
      ],
    },
    'SAME_UPPER, even kernel': {
      attributes: { auto_pad: 'SAME_UPPER' },
      inputs: [
        [2, 2, 5, 4],
        [3, 2, 2, 3],
      ],
    },
    'SAME_LOWER, strided': {
      attributes: { auto_pad: 'SAME_LOWER', strides: [2, 3] },
      inputs: [
        [2, 1, 5, 7],
        [2, 1, 4, 3],
      ],
    },
    VALID: {
      attributes: { auto_pad: 'VALID', strides: [1, 2] },
      inputs: [
        [2, 2, 4, 5],
        [2, 2, 3, 2],
      ],
    },
    'one axis': { attributes: { strides: [2], pads: [1, 2] }, inputs: [[2, 3, 7], [2, 3, 4], [2]] },
    'three axes': {
      attributes: { strides: [1, 2, 1], pads: [0, 1, 0, 1, 0, 0] },
      inputs: [[2, 2, 3, 4, 3], [2, 2, 2, 2, 3], [2]],
    },
    dilated: { attributes: { dilations: [2, 1] }, inputs: [[2, 2, 7, 5], [3, 2, 3, 2], [3]] },
    'dilated, strided, padded, with a remainder': {
      attributes: { dilations: [2, 3], strides: [2, 3], pads: [1, 2, 0, 1] },
      inputs: [
        [2, 2, 8, 9],
        [2, 2, 3, 2],
      ],
    },
    'two groups': { attributes: { group: 2 }, inputs: [[2, 4, 5, 4], [6, 2, 2, 3], [6]] },
    depthwise: { attributes: { group: 3, pads: [1, 1, 1, 1] }, inputs: [[2, 3, 5, 4], [3, 1, 3, 3], [3]] },
    'depthwise, two kernels a channel, strided, dilated': {
      attributes: { group: 3, strides: [2, 1], dilations: [1, 2], pads: [1, 0, 1, 2] },
      inputs: [
        [2, 3, 6, 5],
        [6, 1, 3, 2],
      ],
    },
    'groups along one axis': {
      attributes: { group: 2, strides: [2] },
      inputs: [
        [3, 4, 8],
        [2, 2, 3],
      ],
    },
  },
  ConvTranspose: {
    'plain, with bias': { inputs: [[2, 3, 3, 4], [3, 2, 2, 3], [2]] },
    'strides and pads': {
      attributes: { strides: [2, 3], pads: [1, 0, 0, 1] },
      inputs: [
        [2, 2, 3, 3],
        [2, 3, 3, 4],
      ],
    },
    'output padding': {
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
      inputs: [[2, 2, 3, 4], [2, 3, 3, 3], [3]],
    },
    'two groups, dilated': { attributes: { group: 2, dilations: [2, 1] }, inputs: [[2, 4, 3, 3], [4, 2, 2, 2], [4]] },
    'given output shape': {
      attributes: { strides: [2, 2], output_shape: [6, 7] },
      inputs: [
        [2, 2, 3, 3],
        [2, 1, 3, 3],
      ],
    },
    'given output shape, SAME_UPPER': {
      attributes: { strides: [2, 2], output_shape: [6, 6], auto_pad: 'SAME_UPPER' },
      inputs: [
        [2, 2, 3, 3],
        [2, 1, 3, 3],
      ],
    },
    SAME_LOWER: {
      attributes: { strides: [2, 2], auto_pad: 'SAME_LOWER' },
      inputs: [
        [2, 2, 3, 3],
        [2, 1, 3, 3],
      ],
    },
    'one axis': {
      attributes: { strides: [3], output_padding: [2] },
      inputs: [
        [2, 2, 4],
        [2, 3, 2],
      ],
    },
    'three axes': {
      attributes: { strides: [1, 2, 1] },
      inputs: [
        [2, 2, 2, 2, 3],
        [2, 1, 2, 3, 2],
      ],
    },
  },
  GlobalAveragePool: {
    images: { inputs: [[2, 3, 4, 5]] },
    'one axis': { inputs: [[2, 3, 4]] },
    'three axes': { inputs: [[2, 3, 2, 3, 2]] },
  },
  GlobalMaxPool: {
    images: { inputs: [[2, 3, 4, 2]], value: distinct },
    'one axis': { inputs: [[2, 3, 6]], value: distinct },
  },
  MaxPool: {
    'windows side by side': pooled([[2, 2, 4, 6]], { kernel_shape: [2, 3], strides: [2, 3] }),
    'windows side by side that miss the edge': pooled([[2, 2, 6, 5]], { kernel_shape: [2, 2], strides: [3, 2] }),
    padded: pooled([[2, 2, 4, 5]], { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 0, 1, 1] }),
    overlapping: pooled([[2, 2, 5, 4]], { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 0, 1] }),
    SAME_UPPER: pooled([[2, 1, 5, 3]], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
    'rounded up': pooled([[2, 1, 6, 7]], { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }),
    'rounded up, as ResNet begins': pooled([[2, 1, 8, 8]], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
    }),
    'rounded up, a window that would begin in the padding': pooled([[2, 1, 3, 3]], {
      kernel_shape: [2, 2],
      strides: [2, 3],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
    }),
    dilated: pooled([[2, 1, 7, 6]], { kernel_shape: [3, 2], dilations: [2, 3], strides: [1, 2] }),
    'dilated, sharing an element': pooled([[2, 1, 7]], { kernel_shape: [2], dilations: [2], strides: [2] }),
    'one axis': pooled([[2, 3, 8]], { kernel_shape: [2], strides: [2] }),
    'three axes': pooled([[2, 1, 4, 4, 2]], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    'three axes, overlapping': pooled([[1, 2, 3, 4, 3]], { kernel_shape: [2, 2, 2] }),
  },
};
