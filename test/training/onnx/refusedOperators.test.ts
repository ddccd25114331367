import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { TributaryError } from '../../../client/core/errors.ts';
import { analyse } from '../../../client/training/onnx/analysis.ts';
import { type InferenceModel, opset } from '../../../client/training/onnx/model.ts';
import { type Attributes, createNode, float } from '../../../client/training/onnx/node.ts';
import { readModel } from '../../../client/training/onnx/read.ts';
import { type ConstantTensor, floatTensor, integerTensor, type Shape } from '../../../client/training/onnx/tensor.ts';

const ints = (...values: number[]) => integerTensor([values.length], values);
const reals = (shape: Shape) => floatTensor(shape, Array(shape.reduce((a, b) => a * b, 1)).fill(1));
const scales = (...values: number[]) => floatTensor([values.length], values);
const image = [2, 4, 4];
const kernel = reals([2, 2, 3, 3]);

interface Refused {
  /** Of one sample; the batch is 2. */
  input: Shape;
  operator: string;
  /** 'x' is the input, 'n' whole numbers that are made of it, '' left out. */
  inputs: (ConstantTensor | 'x' | 'n' | '')[];
  attributes?: Attributes;
  outputs?: string[];
  message: RegExp;
}

const unsupported: Record<string, Refused> = {
  'dilations with SAME': {
    input: image,
    operator: 'Conv',
    inputs: ['x', kernel],
    attributes: { dilations: [2, 2], auto_pad: 'SAME_UPPER' },
    message: /dilations and auto_pad SAME_UPPER/,
  },
  'a large output padding': {
    input: image,
    operator: 'ConvTranspose',
    inputs: ['x', kernel],
    attributes: { output_padding: [1, 0] },
    message: /output_padding of a stride or more/,
  },
  'an output that windows do not reach': {
    input: image,
    operator: 'ConvTranspose',
    inputs: ['x', kernel],
    attributes: { output_shape: [9, 9] },
    message: /larger than its windows reach/,
  },
  'indices of MaxPool': {
    input: image,
    operator: 'MaxPool',
    inputs: ['x'],
    attributes: { kernel_shape: [2, 2] },
    outputs: ['y', 'indices'],
    message: /its indices as an output/,
  },
  'a cast to float16': {
    input: [3],
    operator: 'Cast',
    inputs: ['x'],
    attributes: { to: 10 },
    message: /floats other than of 32 bits/,
  },
  'a ratio of 1': {
    input: [3],
    operator: 'Dropout',
    inputs: ['x', floatTensor([], [1])],
    message: /a ratio outside \[0, 1\)/,
  },
  'an ellipsis': {
    input: [3],
    operator: 'Einsum',
    inputs: ['x'],
    attributes: { equation: '...i->...i' },
    message: /the equation/,
  },
  'an index twice': {
    input: [2],
    operator: 'Einsum',
    inputs: ['x'],
    attributes: { equation: 'ii->i' },
    message: /the equation/,
  },
  'a shape made of data': {
    input: [3],
    operator: 'Reshape',
    inputs: ['x', 'n'],
    message: /a shape that depends on the data/,
  },
  'an extent of zero': {
    input: [4],
    operator: 'Reshape',
    inputs: ['x', ints(0, 4)],
    attributes: { allowzero: 1 },
    message: /an extent of zero/,
  },
  'slices made of data': {
    input: [3],
    operator: 'Slice',
    inputs: ['x', 'n', ints(2), ints(1)],
    message: /starts that depend on the data/,
  },
  'axes made of data': {
    input: [3],
    operator: 'ReduceSum',
    inputs: ['x', 'n'],
    message: /axes that depend on the data/,
  },
  'repeats made of data': {
    input: [3],
    operator: 'Tile',
    inputs: ['x', 'n'],
    message: /a number of repeats that depends on the data/,
  },
  batch_dims: {
    input: [3],
    operator: 'GatherND',
    inputs: ['x', integerTensor([2, 1], [0, 1])],
    attributes: { batch_dims: 1 },
    message: /batch_dims/,
  },
  cubic: {
    input: image,
    operator: 'Resize',
    inputs: ['x', '', scales(1, 1, 2, 2)],
    attributes: { mode: 'cubic' },
    message: /the mode "cubic"/,
  },
  antialias: {
    input: image,
    operator: 'Resize',
    inputs: ['x', '', scales(1, 1, 0.5, 0.5)],
    attributes: { mode: 'linear', antialias: 1 },
    message: /antialias/,
  },
  'a region': {
    input: image,
    operator: 'Resize',
    inputs: ['x', '', scales(1, 1, 2, 2)],
    attributes: { coordinate_transformation_mode: 'tf_crop_and_resize' },
    message: /tf_crop_and_resize/,
  },
  'negative reflection': {
    input: [4],
    operator: 'Pad',
    inputs: ['x', ints(0, -1, 0, 0)],
    attributes: { mode: 'reflect' },
    message: /negative pads/,
  },
  peepholes: {
    input: [2, 4],
    operator: 'LSTM',
    inputs: ['x', reals([1, 12, 4]), reals([1, 12, 3]), '', '', '', '', reals([1, 9])],
    message: /peepholes/,
  },
  'clipped gates': {
    input: [2, 4],
    operator: 'GRU',
    inputs: ['x', reals([1, 9, 4]), reals([1, 9, 3])],
    attributes: { clip: float(1) },
    message: /clipped gates/,
  },
  'lengths of sequences': {
    input: [2, 4],
    operator: 'RNN',
    inputs: ['x', reals([1, 3, 4]), reals([1, 3, 3]), '', ints(1, 2)],
    message: /lengths of its own/,
  },
  LRN: {
    input: image,
    operator: 'LRN',
    inputs: ['x'],
    attributes: { size: 3 },
    message: /replace it by a batch or group normalisation/,
  },
  'attention as one node': { input: [3], operator: 'Attention', inputs: ['x'], message: /opset 22 or older/ },
  'an operator that nobody knows': { input: [3], operator: 'Bernoulli', inputs: ['x'], message: /docs\/operators\.md/ },
  'a range made of data': {
    input: [3],
    operator: 'Range',
    inputs: ['n', 'n', 'n'],
    message: /its value depends on the data/,
  },
};

const misfits: Record<string, Refused> = {
  'kernels for other channels': {
    input: image,
    operator: 'Conv',
    inputs: ['x', reals([2, 3, 3, 3])],
    message: /for 3 channels, its input has 2/,
  },
  'a window that is too large': {
    input: image,
    operator: 'AveragePool',
    inputs: ['x'],
    attributes: { kernel_shape: [5, 5] },
    message: /larger than its input/,
  },
  'statistics of other channels': {
    input: [3],
    operator: 'BatchNormalization',
    inputs: ['x', reals([3]), reals([3]), reals([2]), reals([3])],
    message: /\[2\] numbers do not fit/,
  },
  'groups that do not divide the channels': {
    input: [5, 2],
    operator: 'GroupNormalization',
    inputs: ['x', reals([5]), reals([5])],
    attributes: { num_groups: 2 },
    message: /2 groups/,
  },
  'parts of other extents': {
    input: [3],
    operator: 'Concat',
    inputs: ['x', reals([3, 3])],
    attributes: { axis: 1 },
    message: /cannot join \[3,3\] to \[2,3\]/,
  },
  'shapes that do not broadcast': {
    input: [3],
    operator: 'Max',
    inputs: ['x', reals([4])],
    message: /cannot combine \[2,3\] and \[4\]/,
  },
  'an axis that is not there': {
    input: [3],
    operator: 'Softmax',
    inputs: ['x'],
    attributes: { axis: 2 },
    message: /no axis 2 among 2/,
  },
  'a vector of another length': {
    input: [3],
    operator: 'MatMul',
    inputs: ['x', reals([4])],
    message: /cannot multiply \[2,3\] and \[4\]/,
  },
  'extents that differ under one index': {
    input: [3],
    operator: 'Einsum',
    inputs: ['x', reals([4, 2])],
    attributes: { equation: 'ij,jk->ik' },
    message: /does not fit/,
  },
};

function errorOf({ input, operator, inputs, attributes = {}, outputs = ['y'] }: Refused): unknown {
  const names = inputs.map((value, place) => (typeof value === 'string' ? value : `c${place}`));
  const tensors = inputs.flatMap((value, place) => (typeof value === 'string' ? [] : [[`c${place}`, value] as const]));
  const model: InferenceModel = {
    input: 'x',
    output: 'y',
    nodes: [
      createNode('Cast', ['x'], ['n'], { to: 7 }),
      { ...createNode(operator, names, outputs, attributes), name: 'the odd one' },
    ],
    initializers: new Map(tensors),
    opset,
  };
  try {
    return analyse(model, { inputShape: input, classes: 2 }, 2);
  } catch (error) {
    return error;
  }
}

function expectRefusal(error: unknown, code: string, { operator, message }: Refused): void {
  expect(error).to.be.instanceOf(TributaryError);
  expect(error).to.have.property('code', code);
  expect(error).to.have.property('message').that.matches(message).and.includes(`${operator} "the odd one"`);
}

describe('a node that cannot be trained is refused by its name and with the reason', () => {
  for (const [what, refused] of Object.entries(unsupported)) {
    it(`${refused.operator}: ${what}`, () => expectRefusal(errorOf(refused), 'OPERATOR_UNSUPPORTED', refused));
  }
  for (const [what, misfit] of Object.entries(misfits)) {
    it(`${misfit.operator}: ${what}`, () => expectRefusal(errorOf(misfit), 'MODEL_MISMATCH', misfit));
  }

  it('Loop: Keras’ GRU that is not unrolled', () => {
    const model = readModel(readFileSync(new URL('files/keras-gru.onnx', import.meta.url)));
    expect(() => analyse(model, { inputShape: [6, 4], classes: 3 }, 2)).to.throw(
      /^Loop .* cannot be trained: .*unroll=True/,
    );
  });

  it('a further output that is used', () => {
    const nodes = [
      createNode('LayerNormalization', ['x', 'scale'], ['normalized', 'mean']),
      createNode('Add', ['normalized', 'mean'], ['y']),
    ];
    const initializers = new Map([['scale', reals([2])]]);
    const model = { input: 'x', output: 'y', nodes, initializers, opset };
    expect(() => analyse(model, { inputShape: [2], classes: 2 }, 2)).to.throw(/Add uses "mean".*a further output/);
  });
});
