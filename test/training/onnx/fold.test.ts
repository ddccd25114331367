import { expect } from 'chai';
import { analyse } from '../../../client/training/onnx/analysis.ts';
import { valueInfo } from '../../../client/training/onnx/graph.ts';
import { encodeGraph, type InferenceModel, opset } from '../../../client/training/onnx/model.ts';
import { type Attributes, createNode } from '../../../client/training/onnx/node.ts';
import type { NodeProto } from '../../../client/training/onnx/proto.ts';
import { createRuntime, floats } from '../../../client/training/onnx/session.ts';
import {
  type ConstantTensor,
  floatTensor,
  integerTensor,
  type Shape,
  writeTensor,
} from '../../../client/training/onnx/tensor.ts';

const ints = (...values: number[]) => integerTensor([values.length], values);
const int = (value: number) => integerTensor([], [value]);
const real = (...values: number[]) => floatTensor([values.length], values);
const bools = (...values: number[]): ConstantTensor => ({
  type: 'bool',
  shape: [values.length],
  data: Float64Array.from(values),
});
const matrix = integerTensor([2, 3], [1, 2, 3, 4, 5, 6]);

/** The operator, its inputs and its attributes; x is the model's input of shape [2, 3, 4]. */
const cases: [string, (ConstantTensor | 'x')[], Attributes?][] = [
  ['Abs', [ints(-3, 4)]],
  ['Add', [matrix, integerTensor([2, 1], [10, 20])]],
  ['And', [bools(0, 1, 1), bools(1, 1, 0)]],
  ['Cast', [real(-1.7, 2.9, 0)], { to: 7 }],
  ['Cast', [ints(0, -2, 1)], { to: 9 }],
  ['Cast', [bools(0, 1)], { to: 1 }],
  ['Ceil', [real(-1.5, 1.2)]],
  ['Concat', [matrix, integerTensor([2, 1], [7, 8])], { axis: 1 }],
  ['Concat', [ints(1), ints(2, 3)], { axis: 0 }],
  ['ConstantOfShape', [ints(2, 3)]],
  ['ConstantOfShape', [ints(2)], { value: { tensor: ints(-1) } }],
  ['Div', [ints(-7, 7, 9), ints(2, -2, 3)]],
  ['Div', [real(1, 2), real(3, 3)]],
  ['Equal', [ints(1, -1, 3), ints(1, 2, 3)]],
  ['Exp', [real(0, 1)]],
  ['Expand', [integerTensor([2, 1], [1, 2]), ints(3, 1, 2)]],
  ['Flatten', [integerTensor([1, 2, 3], [1, 2, 3, 4, 5, 6])], { axis: 2 }],
  ['Floor', [real(-1.5, 1.7)]],
  ['Gather', [ints(5, 6, 7), int(-1)], { axis: 0 }],
  ['Gather', [matrix, integerTensor([2, 2], [0, 2, 2, 1])], { axis: 1 }],
  ['Gather', [matrix, ints(1, 0)]],
  ['Greater', [ints(1, 5), int(3)]],
  ['GreaterOrEqual', [ints(1, 3), int(3)]],
  ['Identity', [matrix]],
  ['Less', [ints(1, 5), int(3)]],
  ['LessOrEqual', [ints(3, 5), int(3)]],
  ['Log', [real(1, 2)]],
  ['Max', [ints(1, 5), ints(3, 2), int(2)]],
  ['Min', [real(1, 5), real(3, 2)]],
  ['Mod', [ints(-7, 7, 7), ints(3, -3, 3)]],
  ['Mod', [real(-7, 7), real(3, -3)], { fmod: 1 }],
  ['Mul', [ints(2, 3), int(-4)]],
  ['Neg', [ints(1, -2)]],
  ['Not', [bools(0, 1)]],
  ['Or', [bools(0, 1, 0), bools(1, 1, 0)]],
  ['Pow', [real(2, 9), real(3, 0.5)]],
  ['Range', [int(1), int(10), int(3)]],
  ['Range', [floatTensor([], [2]), floatTensor([], [0]), floatTensor([], [-0.5])]],
  ['Reciprocal', [real(2, 3)]],
  ['ReduceMax', [matrix, ints(1)], { keepdims: 0 }],
  ['ReduceMean', [floatTensor([2, 2], [1, 2, 4, 8]), ints(0)]],
  ['ReduceMin', [matrix, ints(0)]],
  ['ReduceProd', [ints(2, 3, 4)], { keepdims: 0 }],
  ['ReduceSum', [matrix, ints(-1)], { keepdims: 0 }],
  ['Reshape', [matrix, ints(3, -1)]],
  ['Shape', ['x']],
  ['Shape', ['x'], { start: 1 }],
  ['Shape', ['x'], { start: -2, end: -1 }],
  ['Size', ['x']],
  ['Slice', [ints(1, 2, 3, 4), ints(1), ints(2 ** 63), ints(0)]],
  ['Slice', [matrix, ints(-1, 0), ints(-4, 3), ints(1, 0), ints(-2, 1)]],
  ['Sqrt', [real(2, 9)]],
  ['Squeeze', [integerTensor([1, 2, 1], [1, 2]), ints(0)]],
  ['Sub', [floatTensor([], [0.3]), real(0.1, 0.2)]],
  ['Tile', [matrix, ints(2, 2)]],
  ['Transpose', [integerTensor([1, 2, 3], [1, 2, 3, 4, 5, 6])], { perm: [2, 0, 1] }],
  ['Trilu', [matrix, int(1)]],
  ['Trilu', [matrix], { upper: 0 }],
  ['Unsqueeze', [ints(1, 2), ints(1, 0)]],
  ['Where', [bools(1, 0), real(1, 2), floatTensor([], [Number.NEGATIVE_INFINITY])]],
];

const inputShape = [3, 4];
const batch = 2;

function modelOf(nodes: NodeProto[], initializers: Record<string, ConstantTensor> = {}): InferenceModel {
  const flat = createNode('Reshape', ['x', 'matrix'], ['model']);
  return {
    input: 'x',
    output: 'model',
    nodes: [...nodes, flat],
    initializers: new Map([...Object.entries(initializers), ['matrix', ints(-1, 12)]]),
    opset,
  };
}

const task = { inputShape, classes: 12 };

describe('a value that is known before the model runs', () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());

  for (const [operator, inputs, attributes = {}] of cases) {
    it(`is what ONNX Runtime computes: ${operator} ${JSON.stringify(attributes)}`, async () => {
      const names = inputs.map((input, place) => (input === 'x' ? 'x' : `c${place}`));
      const constants = inputs.flatMap((input, place) =>
        input === 'x' ? [] : [createNode('Constant', [], [`c${place}`], { value: { tensor: input } })],
      );
      const nodes = [...constants, createNode(operator, names, ['k'], attributes)];
      const graph = {
        name: 'alone',
        node: nodes,
        input: [valueInfo('x', 'float32', [batch, ...inputShape])],
        output: [{ name: 'k' }],
      };
      const session = await runtime.createSession(encodeGraph(graph));
      const { k: own } = await session.run({ x: floats(new Float32Array(24), [batch, ...inputShape]) });
      await session.release();
      const { constants: known, nodes: left } = analyse(modelOf(nodes), task, batch);
      const { type, shape, data } = known.get('k')!;
      expect(left.map(({ output }) => output)).to.deep.equal(['model']);
      expect({ type, shape }).to.deep.equal({ type: own!.type, shape: own!.dims });
      const values = [...data];
      [...own!.data].forEach((value, place) => {
        if (Number.isFinite(Number(value))) expect(values[place]).to.be.closeTo(Number(value), 1e-6);
        else expect(values[place]).to.equal(Number(value));
      });
    });
  }

  it('is none where it comes from a weight, also from a single one', () => {
    const nodes = [
      createNode('Transpose', ['w'], ['t']),
      createNode('Exp', ['s'], ['e']),
      createNode('Mul', ['t', 'e'], ['m']),
      createNode('MatMul', ['x', 'm'], ['product']),
    ];
    const given = { w: floatTensor([2, 4], Array(8).fill(1)), s: floatTensor([], [0]) };
    const { constants, nodes: left } = analyse(modelOf(nodes, given), task, batch);
    expect([...constants.keys()]).to.deep.equal(['w', 's', 'matrix']);
    expect(left.map(({ output }) => output)).to.deep.equal(['t', 'e', 'm', 'product', 'model']);
  });

  it('is none where integers are divided by zero', () => {
    const constants = { seven: ints(7), zero: ints(0) };
    const nodes = [createNode('Div', ['seven', 'zero'], ['quotient'])];
    const { constants: known, nodes: left } = analyse(modelOf(nodes, constants), task, batch);
    expect(known.has('quotient')).to.equal(false);
    expect(left.map(({ output }) => output)).to.deep.equal(['quotient', 'model']);
  });

  it('is known as a shape all the same where it comes from numbers that the file holds', () => {
    const nodes = [
      createNode('Cast', ['extents'], ['to'], { to: 7 }),
      createNode('Reshape', ['x', 'to'], ['reshaped']),
    ];
    const { nodes: left } = analyse(modelOf(nodes, { extents: real(4, 6) }), task, batch);
    expect(left.find(({ output }) => output === 'reshaped')!.outputShape).to.deep.equal([4, 6] satisfies Shape);
  });

  it('keeps the largest int64, which means "to the end"', () => {
    const { rawData } = writeTensor('end', ints(2 ** 63));
    expect(new BigInt64Array(rawData!.buffer as ArrayBuffer)[0]).to.equal(2n ** 63n - 1n);
  });
});
