import { expect } from 'chai';
import type { TaskShape, TrainingPlan } from '../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { valueInfo } from '../../../client/training/onnx/graph.ts';
import { type Attributes, createNode } from '../../../client/training/onnx/node.ts';
import { encodeModel, type GraphProto, type NodeProto } from '../../../client/training/onnx/proto.ts';
import { readModel } from '../../../client/training/onnx/read.ts';
import { type ConstantTensor, floatTensor, integerTensor, writeTensor } from '../../../client/training/onnx/tensor.ts';
import { errorCodeOf } from '../errorCode.ts';
import { createPlan } from '../plan.ts';

const task: TaskShape = { inputShape: [2, 3], classes: 4 };
const plan = createPlan({ batchSize: 3 });
const weight = floatTensor(
  [4, 6],
  Array.from({ length: 24 }, (_, i) => i / 24 - 0.5),
);
const bias = floatTensor([4], [0.1, 0.2, 0.3, 0.4]);

function onnx(
  nodes: NodeProto[],
  initializers: Record<string, ConstantTensor>,
  changes: GraphProto = {},
  version = 17,
) {
  const graph: GraphProto = {
    name: 'given',
    node: nodes,
    initializer: Object.entries(initializers).map(([name, tensor]) => writeTensor(name, tensor)),
    input: [valueInfo('x', 'float32', [1, 2, 3])],
    output: [valueInfo('y', 'float32', [1, 4])],
    ...changes,
  };
  return encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version }], graph });
}

const gemm = (input: string, output = 'y') => createNode('Gemm', [input, 'w', 'b'], [output], { transB: 1 });
const flat = createNode('Flatten', ['x'], ['f']);
const middle = (opType: string, attributes: Attributes = {}) => [
  flat,
  { ...createNode(opType, ['f'], ['m'], attributes), name: 'odd one' },
  gemm('m'),
];

/** As PyTorch exports `x.view(x.size(0), -1)`. */
const viewNodes = [
  createNode('Shape', ['x'], ['shape']),
  createNode('Constant', [], ['zero'], { value: { tensor: integerTensor([], [0]) } }),
  createNode('Gather', ['shape', 'zero'], ['n'], { axis: 0 }),
  createNode('Constant', [], ['axis'], { value: { tensor: integerTensor([1], [0]) } }),
  createNode('Unsqueeze', ['n', 'axis'], ['n1']),
  createNode('Constant', [], ['rest'], { value: { tensor: integerTensor([1], [-1]) } }),
  createNode('Concat', ['n1', 'rest'], ['to'], { axis: 0 }),
  createNode('Reshape', ['x', 'to'], ['f']),
  gemm('f'),
];

describe('a model that a person gives as ONNX', () => {
  it('is read alike from an array of its own and from a part of a larger buffer', async () => {
    const bytes = onnx([flat, gemm('f')], { w: weight, b: bias });
    const pool = Buffer.concat([Buffer.alloc(64), bytes, Buffer.alloc(9_000)]);
    const model = await createOnnxEngine().compile(
      { kind: 'onnx', bytes: pool.subarray(64, 64 + bytes.length), ...task },
      plan,
    );
    expect([...model.initialParameters('any')].slice(0, 2)).to.deep.equal([...weight.data].slice(0, 2));
    await model.dispose();
  });

  const engine = createOnnxEngine();
  const compile = (bytes: Uint8Array, changes: Partial<TrainingPlan> = {}) =>
    engine.compile({ kind: 'onnx', bytes, ...task }, { ...plan, ...changes });
  const wellFormed = onnx([flat, gemm('f')], { w: weight, b: bias });

  const rejected: [string, Uint8Array, string, RegExp][] = [
    ['bytes that are not ONNX', new TextEncoder().encode('not a model'), 'MODEL_INVALID', /not an ONNX file/],
    ['no bytes', new Uint8Array(0), 'MODEL_INVALID', /not an ONNX file/],
    ['a model cut short', wellFormed.subarray(0, 60), 'MODEL_INVALID', /not an ONNX file/],
    [
      'two inputs',
      onnx(
        [flat, createNode('Mul', ['f', 'z'], ['m']), gemm('m')],
        { w: weight, b: bias },
        { input: ['x', 'z'].map((name) => valueInfo(name, 'float32', [1])) },
      ),
      'MODEL_INVALID',
      /2 inputs \(x, z\)/,
    ],
    [
      'two outputs',
      onnx(
        [flat, gemm('f')],
        { w: weight, b: bias },
        { output: ['y', 'f'].map((name) => valueInfo(name, 'float32', [1])) },
      ),
      'MODEL_INVALID',
      /2 outputs \(y, f\)/,
    ],
    ['an old opset', onnx([flat, gemm('f')], { w: weight, b: bias }, {}, 6), 'MODEL_INVALID', /opset is 6/],
    ['no output', onnx([flat], {}), 'MODEL_MISMATCH', /"y" is nothing/],
    ['no weights', onnx([flat, createNode('Relu', ['f'], ['y'])], {}, {}), 'MODEL_MISMATCH', /output "y" is \[2,6\]/],
    [
      'an operator without a gradient',
      onnx(middle('Hardmax'), { w: weight, b: bias }),
      'OPERATOR_UNSUPPORTED',
      /Hardmax "odd one"/,
    ],
    [
      'an operator of another domain',
      onnx([flat, { ...createNode('FusedThing', ['f'], ['m']), domain: 'com.acme' }, gemm('m')], {
        w: weight,
        b: bias,
      }),
      'OPERATOR_UNSUPPORTED',
      /com\.acme\.FusedThing/,
    ],
    [
      'more inputs than the task has',
      onnx([flat, gemm('f')], { w: floatTensor([4, 7], Array(28).fill(0)), b: bias }),
      'MODEL_MISMATCH',
      /Gemm.*\[2,6\].*\[4,7\]/,
    ],
    [
      'more classes than the task has',
      onnx([flat, gemm('f')], { w: floatTensor([5, 6], Array(30).fill(0)), b: floatTensor([5], Array(5).fill(0)) }),
      'MODEL_MISMATCH',
      /output "y" is \[2,5\]/,
    ],
    ['a value that nothing gives', onnx([gemm('nowhere')], { w: weight, b: bias }), 'MODEL_INVALID', /"nowhere"/],
    [
      'groups in a convolution that do not fit its channels',
      onnx([createNode('Conv', ['x', 'w'], ['y'], { group: 4 })], { w: floatTensor([2, 1, 1], [1, 1]) }),
      'MODEL_MISMATCH',
      /Conv.*4 groups/,
    ],
  ];
  for (const [what, bytes, code, message] of rejected) {
    it(`is refused with ${what}`, async () => {
      expect(await errorCodeOf(() => compile(bytes))).to.equal(code);
      const error = await compile(bytes).catch((caught: Error) => caught);
      expect(error).to.have.property('message').that.matches(message);
    });
  }

  it('starts from its own weights, whatever the seed', async () => {
    const model = await compile(wellFormed);
    expect(model.layout.tensors.map(({ name, shape }) => [name, shape])).to.deep.equal([
      ['w', [4, 6]],
      ['b', [4]],
    ]);
    expect(model.initialParameters('a')).to.deep.equal(Float32Array.of(...weight.data, ...bias.data));
    await model.dispose();
  });

  it('trains to the same bits when its shapes are computed as PyTorch does', async () => {
    const features = Float32Array.from({ length: 42 }, (_, i) => Math.sin(i));
    const data = { features, labels: Int32Array.of(0, 1, 2, 3, 0, 1, 2), count: 7, ...task };
    const train = async (bytes: Uint8Array) => {
      const model = await compile(bytes, { epochs: 3 });
      const { parameters } = await model.trainLocally(model.initialParameters(''), data, { seed: 'a' });
      const evaluation = await model.evaluate(parameters, data);
      await model.dispose();
      return { parameters, evaluation };
    };
    const viewed = await train(onnx(viewNodes, { w: weight, b: bias }));
    expect(viewed).to.deep.equal(await train(wellFormed));
    expect(viewed.evaluation.loss).to.be.below(1.5);
  });

  it('is exported with other weights, a named batch axis, and read again', async () => {
    const model = await compile(wellFormed);
    const parameters = Float32Array.from({ length: 28 }, (_, i) => i);
    const exported = model.exportOnnx(parameters);
    const { initializers, input, output, nodes } = readModel(exported);
    expect([...initializers.get('w')!.data]).to.deep.equal([...parameters.subarray(0, 24)]);
    expect({ input, output, operators: nodes.map(({ opType }) => opType) }).to.deep.equal({
      input: 'x',
      output: 'y',
      operators: ['Flatten', 'Gemm'],
    });
    const again = await compile(exported);
    expect(again.initialParameters('')).to.deep.equal(parameters);
    await model.dispose();
    await again.dispose();
  });
});
