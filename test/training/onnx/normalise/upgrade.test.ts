/** The graph that is trained against the file that was given, run by ONNX Runtime, for every version that an operator had. */
import { expect } from 'chai';
import { elementCount } from '../../../../client/training/layout.ts';
import { writeModel } from '../../../../client/training/onnx/model.ts';
import { type Attributes, createNode, float } from '../../../../client/training/onnx/node.ts';
import type { NodeProto } from '../../../../client/training/onnx/proto.ts';
import { readModel } from '../../../../client/training/onnx/read.ts';
import { createRuntime, floats } from '../../../../client/training/onnx/session.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../../../../client/training/onnx/tensor.ts';
import { onnxFile, randomTensor } from '../given.ts';

interface Written {
  node: NodeProto;
  initializers?: Record<string, ConstantTensor>;
}

interface Case {
  input: number[];
  /** First and last version, and how the operator is written in it. */
  versions: [from: number, to: number, written: Written][];
}

const newest = 26;

function written(
  opType: string,
  attributes: Attributes = {},
  initializers: Record<string, ConstantTensor> = {},
  output = ['y'],
): Written {
  const optional = Object.keys(initializers).map((name) => (name.startsWith('_') ? '' : name));
  return { node: createNode(opType, ['x', ...optional], output, attributes), initializers };
}

const integers = (...values: number[]) => integerTensor([values.length], values);
const scalar = (value: number) => floatTensor([], [value]);

/** Axes that turned from an attribute into an input. */
function withAxes(opType: string, turned: number, axes: number[], attributes: Attributes = {}): Case['versions'] {
  return [
    [7, turned - 1, written(opType, { axes, ...attributes })],
    [turned, newest, written(opType, attributes, { axes: integers(...axes) })],
  ];
}

const reductions = ['Max', 'Min', 'Mean', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'];
const pixels = { mode: 'nearest' };
const asymmetric = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
const scales = floatTensor([4], [1, 1, 2, 3]);
const withScales = (node: NodeProto): NodeProto => ({
  ...node,
  attribute: [...node.attribute!, { name: 'scales', type: 6, floats: [...scales.data] }],
});
const statistics = {
  scale: randomTensor('scale', [3]),
  bias: randomTensor('bias', [3]),
  mean: randomTensor('mean', [3]),
  variance: floatTensor([3], [0.5, 1.5, 2]),
};

const cases: Record<string, Case> = {
  Softmax: {
    input: [3, 2, 4],
    versions: [
      [7, 12, written('Softmax')],
      [7, 12, written('Softmax', { axis: 2 })],
      [13, newest, written('Softmax')],
      [13, newest, written('Softmax', { axis: 1 })],
    ],
  },
  'Softmax, last axis from behind': { input: [3, 2, 4], versions: [[11, newest, written('Softmax', { axis: -1 })]] },
  LogSoftmax: {
    input: [3, 2, 4],
    versions: [
      [7, 12, written('LogSoftmax', { axis: 1 })],
      [13, newest, written('LogSoftmax', { axis: 1 })],
    ],
  },
  Hardmax: { input: [3, 2, 4], versions: [[7, 12, written('Hardmax')]] },
  Clip: {
    input: [3, 5],
    versions: [
      [7, 10, written('Clip', { min: float(-0.5), max: float(0.25) })],
      [7, 10, written('Clip', { max: float(0.25) })],
      [11, newest, written('Clip', {}, { low: scalar(-0.5), high: scalar(0.25) })],
    ],
  },
  Pad: {
    input: [3, 2, 3],
    versions: [
      [7, 10, written('Pad', { pads: [0, 1, 0, 0, 0, 2], value: float(0.5) })],
      [7, 10, written('Pad', { pads: [0, 1, 1, 0, 0, 1], mode: 'reflect' })],
      [11, newest, written('Pad', {}, { pads: integers(0, 1, 0, 0, 0, 2), value: scalar(0.5) })],
    ],
  },
  Slice: {
    input: [3, 4, 5],
    versions: [
      [7, 9, written('Slice', { starts: [1, -3], ends: [4, -1], axes: [1, 2] })],
      [7, 9, written('Slice', { starts: [0, 1], ends: [3, 3] })],
      [10, newest, written('Slice', {}, { starts: integers(1, -3), ends: integers(4, -1), axes: integers(1, 2) })],
    ],
  },
  Squeeze: { input: [3, 1, 4, 1], versions: withAxes('Squeeze', 13, [1, 3]) },
  'Squeeze, all axes': { input: [3, 1, 4, 1], versions: [[7, newest, written('Squeeze')]] },
  Unsqueeze: { input: [3, 4], versions: withAxes('Unsqueeze', 13, [1, 3]) },
  ReduceSum: { input: [3, 4, 5], versions: withAxes('ReduceSum', 13, [1], { keepdims: 0 }) },
  ...Object.fromEntries(
    reductions.map((name) => [
      `Reduce${name}`,
      { input: [3, 4, 5], versions: withAxes(`Reduce${name}`, 18, [2], { keepdims: 1 }) },
    ]),
  ),
  Split: {
    input: [3, 6],
    versions: [
      [7, 12, written('Split', { axis: 1, split: [2, 4] }, {}, ['rest', 'y'])],
      [7, 17, written('Split', { axis: 1 }, {}, ['y', 'rest'])],
      [13, newest, written('Split', { axis: 1 }, { split: integers(2, 4) }, ['rest', 'y'])],
      [18, newest, written('Split', { axis: 1, num_outputs: 3 }, {}, ['rest', 'y', 'last'])],
    ],
  },
  Dropout: {
    input: [3, 4],
    versions: [
      [7, 11, written('Dropout', { ratio: float(0.3) })],
      [12, newest, written('Dropout', {}, { ratio: scalar(0.3) })],
    ],
  },
  TopK: {
    input: [3, 5],
    versions: [
      [7, 9, written('TopK', { k: 2 }, {}, ['y', 'indices'])],
      [10, newest, written('TopK', {}, { k: integers(2) }, ['y', 'indices'])],
    ],
  },
  Upsample: {
    input: [2, 3, 2, 3],
    versions: [
      [7, 8, { node: withScales(written('Upsample', pixels).node) }],
      [9, 9, written('Upsample', pixels, { scales })],
    ],
  },
  Resize: {
    input: [2, 3, 2, 3],
    versions: [
      [10, 10, written('Resize', pixels, { scales })],
      [13, newest, written('Resize', asymmetric, { _region: scalar(0), scales })],
    ],
  },
  BatchNormalization: {
    input: [2, 3, 4],
    versions: [[7, newest, written('BatchNormalization', { epsilon: float(0.01) }, statistics)]],
  },
  GroupNormalization: {
    input: [2, 4, 3],
    versions: [
      [
        18,
        20,
        written(
          'GroupNormalization',
          { num_groups: 2, epsilon: float(0.01) },
          { scale: randomTensor('s', [2]), bias: randomTensor('b', [2]) },
        ),
      ],
      [
        21,
        newest,
        written(
          'GroupNormalization',
          { num_groups: 2, epsilon: float(0.01) },
          { scale: randomTensor('s', [4]), bias: randomTensor('b', [4]) },
        ),
      ],
    ],
  },
};

describe('a graph in the terms of our operators computes what the file does', () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());

  async function run(bytes: Uint8Array, features: Float32Array, shape: readonly number[], output: string) {
    const session = await runtime.createSession(bytes);
    const { data, dims } = (await session.run({ x: floats(features, shape) }))[output]!;
    await session.release();
    return { dims, data: [...(data as Float32Array)] };
  }

  for (const [name, { input, versions }] of Object.entries(cases)) {
    it(`${name}, in each version from 7 to ${newest}`, async () => {
      const [batch, ...inputShape] = input as [number, ...number[]];
      const features = Float32Array.from(
        randomTensor(name, [elementCount(input)]).data,
        name === 'ReduceLogSum' ? Math.abs : Number,
      );
      const seen = new Set<number>();
      for (const [from, to, { node, initializers = {} }] of versions) {
        for (let opset = from; opset <= to; opset++) {
          const kept = Object.fromEntries(Object.entries(initializers).filter(([key]) => !key.startsWith('_')));
          const bytes = onnxFile({ nodes: [node], initializers: kept, input: ['batch', ...inputShape], opset });
          const model = readModel(bytes);
          const read = writeModel(model, { inputShape, classes: 1 });
          const shape = [batch, ...inputShape];
          const actual = await run(read, features, shape, model.output);
          const expected = await run(bytes, features, shape, 'y');
          expect(actual.dims, `opset ${opset}`).to.deep.equal(expected.dims);
          expected.data.forEach((value, place) => {
            expect(actual.data[place], `opset ${opset}`).to.be.closeTo(value, 1e-6);
          });
          expect(model.opset).to.equal(Math.max(18, opset));
          seen.add(opset);
        }
      }
      expect(seen.size).to.be.above(0);
    });
  }
});
