import { expect } from 'chai';
import { analyse } from '../../../../client/training/onnx/analysis.ts';
import { opset } from '../../../../client/training/onnx/model.ts';
import { type Attributes, createNode } from '../../../../client/training/onnx/node.ts';
import { valuesOfData } from '../../../../client/training/onnx/private/apart.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../../../../client/training/onnx/tensor.ts';
import { errorCodeOf } from '../../errorCode.ts';

const batch = 4;
/** x is the data, [4, 4, 4]; v a vector of each sample's first numbers, [4]; m a matrix of them, [4, 4]. */
const task = { inputShape: [4, 4], classes: 16 };
const ones = (...shape: number[]) => floatTensor(shape, Array(shape.reduce((a, b) => a * b, 1)).fill(1));
const list = (...values: number[]) => integerTensor([values.length], values);
const one = list(1);

type Case = [operator: string, inputs: ('x' | 'v' | 'm' | ConstantTensor)[], attributes?: Attributes];

function codeOf([operator, inputs, attributes]: Case): Promise<string | undefined> {
  const constants = inputs.flatMap((input, place) =>
    typeof input === 'string' ? [] : [[`c${place}`, input] as const],
  );
  const names = inputs.map((input, place) => (typeof input === 'string' ? input : `c${place}`));
  const nodes = [
    createNode('ReduceMax', ['x', 'one'], ['m'], { keepdims: 0 }),
    createNode('ReduceMax', ['m', 'one'], ['v'], { keepdims: 0 }),
    createNode(operator, names, ['y'], attributes),
    createNode('Reshape', ['x', 'matrix'], ['output']),
  ];
  const initializers = new Map<string, ConstantTensor>([...constants, ['matrix', list(batch, 16)], ['one', one]]);
  const analysis = analyse({ input: 'x', output: 'output', nodes, initializers, opset }, task, batch, 'frozen');
  return errorCodeOf(() => valuesOfData(analysis, 'x'));
}

/** All extents are those of the batch, so that a shape by itself gives nothing away. */
const apart: Record<string, Case> = {
  'a product with a matrix': ['MatMul', ['x', ones(4, 4)]],
  'a product with a vector': ['MatMul', ['m', ones(4)]],
  'a product with one matrix of a batch': ['MatMul', ['x', ones(1, 4, 4)]],
  'products within each sample': ['MatMul', ['x', 'x']],
  'a Gemm with a bias': ['Gemm', ['m', ones(4, 4), ones(4)]],
  'a Gemm with a bias of one row': ['Gemm', ['m', ones(4, 4), ones(1, 4)]],
  'what is added to all samples alike': ['Add', ['x', ones(1, 4, 4)]],
  'a sum of two values of data': ['Add', ['x', 'x']],
  'a softmax along the last axis': ['Softmax', ['x']],
  'a normalisation along the last axis': ['LayerNormalization', ['x', ones(4)]],
  'parts joined along the second axis': ['Concat', ['x', 'x'], { axis: 1 }],
  'parts along the last axis': ['Split', ['x', list(4)], { axis: -1 }],
  'places chosen along the second axis': ['Gather', ['x', list(3, 2, 1, 0)], { axis: 1 }],
  'a transpose of each sample': ['Transpose', ['x'], { perm: [0, 2, 1] }],
  'a mean along the other axes': ['ReduceMean', ['x', list(1, -1)]],
  'a reduction along no axis': ['ReduceMean', ['x', list()], { noop_with_empty_axes: 1 }],
  'a normalisation by the statistics of the file': ['BatchNormalization', ['x', ones(4), ones(4), ones(4), ones(4)]],
};

const mixed: Record<string, Case> = {
  'a product with a vector of data': ['MatMul', ['x', 'v']],
  'a product of a vector of data': ['MatMul', ['v', ones(4, 4)]],
  'a product of two matrices of data': ['MatMul', ['m', 'm']],
  'a product of weights with data': ['MatMul', [ones(4, 4), 'x']],
  'a product with matrices of a batch': ['MatMul', ['m', ones(4, 4, 4)]],
  'a product with a matrix for each place of the batch': ['MatMul', ['x', ones(4, 4, 4)]],
  'a Gemm that transposes the data': ['Gemm', ['m', ones(4, 4)], { transA: 1 }],
  'a Gemm with a matrix of data': ['Gemm', [ones(4, 4), 'm']],
  'a Gemm with a bias of data': ['Gemm', ['m', ones(4, 4), 'v']],
  'a Gemm with a bias for each place of the batch': ['Gemm', ['m', ones(4, 4), ones(4, 4)]],
  'what is added to each place of the batch': ['Add', ['x', ones(4, 4, 4)]],
  'values of data along other axes': ['Add', ['x', 'm']],
  'a softmax along the batch': ['Softmax', ['x'], { axis: 0 }],
  'a softmax along the batch, counted from the end': ['Softmax', ['x'], { axis: -3 }],
  'a normalisation along the batch': ['LayerNormalization', ['x', ones(4, 4, 4)], { axis: 0 }],
  'a normalisation with a scale of data': ['LayerNormalization', ['x', 'v']],
  'a normalisation of weights with a scale of data': ['LayerNormalization', [ones(4, 4), 'v']],
  'statistics of data': ['BatchNormalization', ['x', ones(4), ones(4), 'v', 'v']],
  'parts joined along the batch': ['Concat', ['x', 'x'], { axis: 0 }],
  'data joined to weights': ['Concat', ['x', ones(4, 4, 4)], { axis: 1 }],
  'parts along the batch': ['Split', ['x', list(4)]],
  'samples chosen by their place': ['Gather', ['x', list(3, 2, 1, 0)]],
  'samples chosen, counted from the end': ['Gather', ['x', list(3, 2, 1, 0)], { axis: -3 }],
  'a transpose that moves the batch': ['Transpose', ['x'], { perm: [1, 0, 2] }],
  'the usual transpose': ['Transpose', ['x']],
  'a mean over the batch': ['ReduceMean', ['x', list(0)], { keepdims: 0 }],
  'a mean over the batch, counted from the end': ['ReduceMean', ['x', list(-3)], { keepdims: 0 }],
  'a mean over all': ['ReduceMean', ['x']],
  'kernels of data': ['Conv', ['x', 'x']],
  'sums along an axis, which nobody has looked at': ['CumSum', ['x', integerTensor([], [0])]],
};

describe('what keeps samples apart, where every extent is that of the batch', () => {
  for (const [name, each] of Object.entries(apart)) {
    it(`does: ${name}`, async () => expect(await codeOf(each)).to.equal(undefined));
  }
  for (const [name, each] of Object.entries(mixed)) {
    it(`does not: ${name}`, async () => expect(await codeOf(each)).to.equal('OPERATOR_UNSUPPORTED'));
  }
});
