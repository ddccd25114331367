import { expect } from 'chai';
import { float } from '../../../client/training/onnx/node.ts';
import { operators } from '../../../client/training/onnx/operators/table.ts';
import { createRuntime } from '../../../client/training/onnx/session.ts';
import { floatTensor, integerTensor } from '../../../client/training/onnx/tensor.ts';
import { checkGradients, type Subject } from './gradientCheck.ts';

/** Distinct values, further apart than the difference's step, so that no maximum changes hands. */
function distinct(_: number, place: number): number {
  return ((place * 37) % 101) / 16 - 3;
}

/** Away from zero, where ReLU has no derivative. */
function awayFromZero(random: number): number {
  return random < 0.5 ? random - 0.6 : random + 0.1;
}

const subjects: Record<string, Subject> = {
  'Gemm, plain, with bias': { operator: 'Gemm', inputs: [[3, 4], [4, 5], [5]], output: [3, 5] },
  'Gemm, B transposed, alpha and beta': {
    operator: 'Gemm',
    attributes: { transB: 1, alpha: float(0.5), beta: float(-1.5) },
    inputs: [
      [3, 4],
      [5, 4],
      [1, 5],
    ],
    output: [3, 5],
  },
  'Gemm, A transposed, alpha': {
    operator: 'Gemm',
    attributes: { transA: 1, alpha: float(2) },
    inputs: [
      [3, 6],
      [3, 5],
    ],
    output: [6, 5],
  },
  'Gemm, both transposed, bias by row': {
    operator: 'Gemm',
    attributes: { transA: 1, transB: 1, alpha: float(3), beta: float(2) },
    inputs: [
      [3, 6],
      [5, 3],
      [6, 1],
    ],
    output: [6, 5],
  },
  'MatMul of matrices': {
    operator: 'MatMul',
    inputs: [
      [3, 4],
      [4, 2],
    ],
    output: [3, 2],
  },
  'MatMul of a batch with one matrix': {
    operator: 'MatMul',
    inputs: [
      [2, 3, 4],
      [4, 5],
    ],
    output: [2, 3, 5],
  },
  'MatMul of a batch with a broadcast batch': {
    operator: 'MatMul',
    inputs: [
      [2, 3, 2, 4],
      [1, 4, 3],
    ],
    output: [2, 3, 2, 3],
  },
  'Conv, plain, with bias': { operator: 'Conv', inputs: [[2, 3, 5, 6], [4, 3, 2, 3], [4]], output: [2, 4, 4, 4] },
  'Conv, uneven strides and pads': {
    operator: 'Conv',
    attributes: { strides: [2, 3], pads: [1, 0, 2, 1] },
    inputs: [
      [2, 2, 6, 7],
      [3, 2, 3, 2],
    ],
    output: [2, 3, 4, 3],
  },
  'Conv, stride that leaves a remainder on both axes': {
    operator: 'Conv',
    attributes: { strides: [3, 2] },
    inputs: [
      [2, 1, 7, 6],
      [2, 1, 2, 3],
    ],
    output: [2, 2, 2, 2],
  },
  'Conv, SAME_UPPER, even kernel': {
    operator: 'Conv',
    attributes: { auto_pad: 'SAME_UPPER' },
    inputs: [
      [2, 2, 5, 4],
      [3, 2, 2, 3],
    ],
    output: [2, 3, 5, 4],
  },
  'Conv, SAME_LOWER, strided': {
    operator: 'Conv',
    attributes: { auto_pad: 'SAME_LOWER', strides: [2, 3] },
    inputs: [
      [2, 1, 5, 7],
      [2, 1, 4, 3],
    ],
    output: [2, 2, 3, 3],
  },
  'Conv, VALID': {
    operator: 'Conv',
    attributes: { auto_pad: 'VALID', strides: [1, 2] },
    inputs: [
      [2, 2, 4, 5],
      [2, 2, 3, 2],
    ],
    output: [2, 2, 2, 2],
  },
  'Conv along one axis': {
    operator: 'Conv',
    attributes: { strides: [2], pads: [1, 2] },
    inputs: [[2, 3, 7], [2, 3, 4], [2]],
    output: [2, 2, 4],
  },
  'MaxPool, windows side by side': {
    operator: 'MaxPool',
    attributes: { kernel_shape: [2, 3], strides: [2, 3] },
    inputs: [[2, 2, 4, 6]],
    output: [2, 2, 2, 2],
    value: distinct,
  },
  'MaxPool, windows side by side that miss the edge': {
    operator: 'MaxPool',
    attributes: { kernel_shape: [2, 2], strides: [3, 2] },
    inputs: [[2, 2, 6, 5]],
    output: [2, 2, 2, 2],
    value: distinct,
  },
  'MaxPool, padded': {
    operator: 'MaxPool',
    attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 0, 1, 1] },
    inputs: [[2, 2, 4, 5]],
    output: [2, 2, 3, 3],
    value: distinct,
  },
  'MaxPool, overlapping': {
    operator: 'MaxPool',
    attributes: { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 0, 1] },
    inputs: [[2, 2, 5, 4]],
    output: [2, 2, 2, 4],
    value: distinct,
  },
  'MaxPool, SAME_UPPER': {
    operator: 'MaxPool',
    attributes: { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' },
    inputs: [[2, 1, 5, 3]],
    output: [2, 1, 3, 2],
    value: distinct,
  },
  'AveragePool, overlapping': {
    operator: 'AveragePool',
    attributes: { kernel_shape: [3, 2], strides: [1, 2] },
    inputs: [[2, 3, 5, 6]],
    output: [2, 3, 3, 3],
  },
  'AveragePool, padding left out': {
    operator: 'AveragePool',
    attributes: { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 1, 1, 0] },
    inputs: [[2, 2, 5, 4]],
    output: [2, 2, 3, 4],
  },
  'AveragePool, padding counted': {
    operator: 'AveragePool',
    attributes: { kernel_shape: [2, 3], strides: [2, 2], pads: [0, 1, 1, 1], count_include_pad: 1 },
    inputs: [[2, 2, 4, 5]],
    output: [2, 2, 2, 3],
  },
  GlobalAveragePool: { operator: 'GlobalAveragePool', inputs: [[2, 3, 4, 5]], output: [2, 3, 1, 1] },
  Relu: { operator: 'Relu', inputs: [[3, 4]], output: [3, 4], value: awayFromZero },
  LeakyRelu: {
    operator: 'LeakyRelu',
    attributes: { alpha: float(0.3) },
    inputs: [[3, 4]],
    output: [3, 4],
    value: awayFromZero,
  },
  Sigmoid: { operator: 'Sigmoid', inputs: [[3, 4]], output: [3, 4] },
  Tanh: { operator: 'Tanh', inputs: [[3, 4]], output: [3, 4] },
  Identity: { operator: 'Identity', inputs: [[3, 4]], output: [3, 4] },
  'Softmax, last axis': { operator: 'Softmax', inputs: [[3, 5]], output: [3, 5] },
  'Softmax, middle axis': { operator: 'Softmax', attributes: { axis: 1 }, inputs: [[2, 4, 3]], output: [2, 4, 3] },
  'LogSoftmax, last axis': { operator: 'LogSoftmax', inputs: [[3, 5]], output: [3, 5] },
  'LogSoftmax, middle axis': {
    operator: 'LogSoftmax',
    attributes: { axis: -2 },
    inputs: [[2, 4, 3]],
    output: [2, 4, 3],
  },
  'Add, second broadcast': { operator: 'Add', inputs: [[2, 3, 4], [4]], output: [2, 3, 4] },
  'Sub, both broadcast': {
    operator: 'Sub',
    inputs: [
      [2, 3, 1],
      [2, 1, 4],
    ],
    output: [2, 3, 4],
  },
  'Mul, both broadcast': {
    operator: 'Mul',
    inputs: [
      [2, 1, 4],
      [3, 1],
    ],
    output: [2, 3, 4],
  },
  'Div, second broadcast': {
    operator: 'Div',
    inputs: [
      [2, 3, 4],
      [3, 1],
    ],
    output: [2, 3, 4],
    value: (random) => 1 + random,
  },
  'Reshape, copying and inferring': {
    operator: 'Reshape',
    inputs: [[2, 3, 4]],
    constants: [integerTensor([3], [0, -1, 2])],
    output: [2, 6, 2],
  },
  'Flatten, axis 2': { operator: 'Flatten', attributes: { axis: 2 }, inputs: [[2, 3, 4, 2]], output: [6, 8] },
  Squeeze: { operator: 'Squeeze', inputs: [[2, 1, 3]], constants: [integerTensor([1], [-2])], output: [2, 3] },
  Unsqueeze: {
    operator: 'Unsqueeze',
    inputs: [[2, 3]],
    constants: [integerTensor([2], [1, -1])],
    output: [2, 1, 3, 1],
  },
  Transpose: { operator: 'Transpose', attributes: { perm: [1, 2, 0] }, inputs: [[2, 3, 4]], output: [3, 4, 2] },
  'Dropout, its mask given': {
    operator: 'Dropout',
    inputs: [[4, 5]],
    constants: [floatTensor([], [0.25])],
    output: [4, 5],
  },
};

describe('gradients against central finite differences', () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());

  for (const [name, subject] of Object.entries(subjects)) {
    it(name, () => checkGradients(runtime, subject));
  }

  it('covers every operator of the table', () => {
    const covered = new Set(Object.values(subjects).map(({ operator }) => operator));
    expect([...operators.keys()].filter((operator) => !covered.has(operator))).to.deep.equal([]);
  });
});
