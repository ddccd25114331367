/** Files as exporters write them: types, batches of one, shapes of samples, several outputs, weights in files beside. */
import { expect } from 'chai';
import type { Loss, TaskShape } from '../../../client/training/engine.ts';
import { bundleExternalData } from '../../../client/training/onnx/externalData.ts';
import { valueInfo } from '../../../client/training/onnx/graph.ts';
import { createNode, float } from '../../../client/training/onnx/node.ts';
import { decodeModel, encodeModel, type TensorProto } from '../../../client/training/onnx/proto.ts';
import { readInputShape, readModel } from '../../../client/training/onnx/read.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../../../client/training/onnx/tensor.ts';
import { bothLosses, compileGiven, dataFor, type GivenFile, onnxFile, randomTensor, refusalOf } from './given.ts';

const task: TaskShape = { inputShape: [4], classes: 3 };
const weights = { w: randomTensor('w', [3, 4]), b: randomTensor('b', [3]) };
const gemm = (input: string, output: string) => createNode('Gemm', [input, 'w', 'b'], [output], { transB: 1 });
const plain: GivenFile = { nodes: [gemm('x', 'y')], initializers: weights };

/** What training and evaluation both report for the file. */
async function lossOf(bytes: Uint8Array, shape = task, loss: Loss = 'softmaxCrossEntropy') {
  const model = await compileGiven(bytes, shape, { loss });
  const { trained, evaluated } = await bothLosses(model, dataFor(shape, loss));
  expect(trained).to.be.closeTo(evaluated, 1e-5);
  const { changes } = model.findings;
  await model.dispose();
  return { loss: evaluated, changes: changes.join(' ') };
}

describe('a model as exporters write it', () => {
  let expected = 0;
  before(async () => {
    expected = (await lossOf(onnxFile(plain))).loss;
  });

  const double = ({ shape, data }: ConstantTensor): ConstantTensor => ({
    type: 'float64',
    shape,
    data: Float64Array.from(data),
  });
  const same: [string, Uint8Array, RegExp][] = [
    ['initializers that are inputs too', onnxFile({ ...plain, graph: inputsToo() }), /^$/],
    [
      'an input that nothing uses',
      onnxFile({ ...plain, graph: { input: [x(), valueInfo('lr', 'float32', [])] } }),
      /^$/,
    ],
    ['opset 26', onnxFile({ ...plain, opset: 26 }), /^$/],
    [
      'float64 throughout',
      onnxFile({
        nodes: [
          createNode('Cast', ['x'], ['x64'], { to: 11 }),
          createNode('Gemm', ['x64', 'w', 'b'], ['y64'], { transB: 1 }),
          createNode('Cast', ['y64'], ['y'], { to: 1 }),
        ],
        initializers: { w: double(weights.w), b: double(weights.b) },
      }),
      /float64.*as float32/,
    ],
    [
      'a batch of one in its shapes',
      onnxFile({
        nodes: [createNode('Reshape', ['x', 'to'], ['f']), gemm('f', 'y')],
        initializers: { ...weights, to: integerTensor([2], [1, 4]) },
        input: [1, 4],
      }),
      /batch axis is opened/,
    ],
    [
      'a batch of one, the rest inferred',
      onnxFile({
        nodes: [createNode('Reshape', ['x', 'to'], ['f']), gemm('f', 'y')],
        initializers: { ...weights, to: integerTensor([2], [1, -1]) },
        input: [1, 4],
      }),
      /batch axis is opened/,
    ],
    [
      'a dropout in training mode',
      onnxFile({
        nodes: [createNode('Dropout', ['x', 'ratio', 'training'], ['d', 'mask']), gemm('d', 'y')],
        initializers: {
          ...weights,
          ratio: floatTensor([], [0]),
          training: { type: 'bool', shape: [], data: Float64Array.of(1) },
        },
      }),
      /training mode/,
    ],
    [
      'allowzero, without a zero',
      onnxFile({
        nodes: [createNode('Reshape', ['x', 'to'], ['f'], { allowzero: 1 }), gemm('f', 'y')],
        initializers: { ...weights, to: integerTensor([2], [-1, 4]) },
      }),
      /^$/,
    ],
    [
      'logits and probabilities as outputs',
      onnxFile({
        nodes: [gemm('x', 'y'), createNode('Softmax', ['y'], ['p'])],
        initializers: weights,
        graph: { output: ['p', 'y'].map((name) => valueInfo(name, 'float32', [])) },
      }),
      /"p" is left out: it follows from "y"/,
    ],
    [
      'scores and the largest of them as outputs',
      onnxFile({
        nodes: [gemm('x', 'y'), createNode('ArgMax', ['y'], ['label'], { axis: 1 })],
        initializers: weights,
        graph: { output: [valueInfo('label', 'int64', []), valueInfo('y', 'float32', [])] },
      }),
      /"label" is left out/,
    ],
    [
      'the largest of its scores as its only output',
      onnxFile({
        nodes: [gemm('x', 's'), createNode('ArgMax', ['s'], ['y'], { axis: 1 })],
        initializers: weights,
        graph: { output: [valueInfo('y', 'int64', [])] },
      }),
      /"y" is left out/,
    ],
    [
      'two axes more',
      onnxFile({
        nodes: [gemm('x', 's'), createNode('Unsqueeze', ['s', 'axes'], ['y'])],
        initializers: { ...weights, axes: integerTensor([2], [2, 3]) },
      }),
      /\[batch,3,1,1\] is given as \[batch,3\]/,
    ],
  ];
  for (const [what, bytes, changes] of same) {
    it(`trains and evaluates as the plain one does: with ${what}`, async () => {
      const given = await lossOf(bytes);
      expect(given.loss).to.be.closeTo(expected, 1e-6);
      expect(given.changes).to.match(changes);
    });
  }

  it('takes images with the channels last, as the task has them first', async () => {
    const image: TaskShape = { inputShape: [3, 2, 5], classes: 2 };
    const initializers = { k: randomTensor('k', [30, 2]) };
    const flatten = (from: string) => [createNode('Flatten', [from], ['f']), createNode('MatMul', ['f', 'k'], ['y'])];
    const last = onnxFile({ nodes: flatten('x'), initializers, input: ['batch', 2, 5, 3] });
    const first = onnxFile({
      nodes: [createNode('Transpose', ['x'], ['t'], { perm: [0, 2, 3, 1] }), ...flatten('t')],
      initializers,
      input: ['batch', 3, 2, 5],
    });
    const given = await lossOf(last, image);
    expect(given.loss).to.be.closeTo((await lossOf(first, image)).loss, 1e-6);
    expect(given.changes).to.match(/channels last/);
    expect(readInputShape(last)).to.deep.equal([2, 5, 3]);
  });

  it('takes samples of the same values in the shape that it declares', async () => {
    const given = await lossOf(onnxFile({ ...plain, input: ['batch', 4] }), { inputShape: [1, 2, 2], classes: 3 });
    expect(given.changes).to.match(/\[1,2,2\].*as \[4\]/);
    expect(given.loss).to.be.above(0);
  });

  it('keeps the name of its output behind Identity', () => {
    const nodes = [gemm('x', 's'), createNode('Identity', ['s'], ['y'])];
    const { output, nodes: kept } = readModel(onnxFile({ nodes, initializers: weights }));
    expect([output, kept.length]).to.deep.equal(['y', 1]);
  });

  const half: TensorProto = { name: 'w', dims: [3, 4], dataType: 10, rawData: new Uint8Array(24) };
  const withTensor = (tensor: TensorProto) =>
    onnxFile({ ...plain, initializers: {}, graph: { initializer: [tensor] } });
  const refused: [string, Uint8Array, RegExp, TaskShape?][] = [
    ['float16', withTensor(half), /"w" is of type float16.*float32/],
    ['bfloat16', withTensor({ ...half, dataType: 16 }), /"w" is of type bfloat16.*float32/],
    ['int8', withTensor({ ...half, dataType: 3 }), /quantised/],
    [
      'an input of 16 bits',
      onnxFile({ ...plain, graph: { input: [{ name: 'x', type: { tensorType: { elemType: 10 } } }] } }),
      /input is of 16 bits/,
    ],
    [
      'a cast to 16 bits',
      onnxFile({ nodes: [createNode('Cast', ['x'], ['h'], { to: 10 }), gemm('h', 'y')], initializers: weights }),
      /Cast turns numbers into 16 bits/,
    ],
    ['opset 27', onnxFile({ ...plain, opset: 27 }), /opset is 27, export it with an opset from 7 to 26/],
    [
      'a batch of one that cannot be opened',
      onnxFile({
        nodes: [
          createNode('Squeeze', ['x', 'axis'], ['r']),
          createNode('Unsqueeze', ['r', 'axis'], ['f']),
          gemm('f', 'y'),
        ],
        initializers: { ...weights, axis: integerTensor([1], [0]) },
        input: [1, 4],
      }),
      /batch of one sample: export it with an open batch axis/,
    ],
    [
      'samples that answer for each other',
      onnxFile({
        nodes: [gemm('x', 's'), createNode('Softmax', ['s'], ['p'], { axis: 0 }), createNode('Add', ['s', 'p'], ['y'])],
        initializers: weights,
      }),
      /mixes the samples of a batch/,
    ],
    [
      'two outputs of numbers',
      onnxFile({
        nodes: [gemm('x', 'y'), createNode('Relu', ['y'], ['z'])],
        initializers: weights,
        graph: { output: ['y', 'z'].map((name) => valueInfo(name, 'float32', [])) },
      }),
      /2 outputs \(y, z\).*extract_model/,
    ],
  ];
  for (const [what, bytes, message, shape = task] of refused) {
    it(`is refused with ${what}`, async () => {
      expect(await refusalOf(compileGiven(bytes, shape))).to.match(message);
    });
  }

  it('reads an attribute of 0 as 0, though protocol buffers leave it out', async () => {
    const leaky = (alpha: number) =>
      onnxFile({
        nodes: [gemm('x', 's'), createNode('LeakyRelu', ['s'], ['y'], { alpha: float(alpha) })],
        initializers: weights,
      });
    const relu = onnxFile({ nodes: [gemm('x', 's'), createNode('Relu', ['s'], ['y'])], initializers: weights });
    const train = async (bytes: Uint8Array) => {
      const model = await compileGiven(bytes, task);
      const data = dataFor(task, 'softmaxCrossEntropy');
      const { parameters } = await model.trainLocally(model.initialParameters(''), data, { seed: 'a' });
      await model.dispose();
      return parameters;
    };
    expect(await train(leaky(0))).to.deep.equal(await train(relu));
  });
});

describe('weights in files beside the model', () => {
  /** The first tensor at an offset of one file, the others in another. */
  function external(): { bytes: Uint8Array; files: Record<string, Uint8Array> } {
    const model = decodeModel(onnxFile(plain));
    const [w, b] = model.graph!.initializer!;
    const files = {
      'model.data': Uint8Array.of(1, 2, 3, 4, ...w!.rawData!),
      'parts/b.bin': Uint8Array.from(b!.rawData!),
    };
    const place = (entries: Record<string, string>) => Object.entries(entries).map(([key, value]) => ({ key, value }));
    w!.externalData = place({ location: 'model.data', offset: '4', length: '48' });
    b!.externalData = place({ location: 'parts/b.bin' });
    for (const tensor of [w!, b!]) {
      tensor.dataLocation = 1;
      delete tensor.rawData;
    }
    return { bytes: encodeModel(model), files };
  }

  it('are put into it', async () => {
    const { bytes, files } = external();
    const bundled = await bundleExternalData(bytes, async (location) => files[location]!);
    const { initializers } = readModel(bundled);
    expect([...initializers.values()].map(({ data }) => data)).to.deep.equal([weights.w.data, weights.b.data]);
  });

  it('leave a model as it is that has none, and bytes that are none', async () => {
    const read = async () => Uint8Array.of();
    const bytes = onnxFile(plain);
    expect(await bundleExternalData(bytes, read)).to.equal(bytes);
    const text = new TextEncoder().encode('not a model');
    expect(await bundleExternalData(text, read)).to.equal(text);
  });

  for (const location of ['/etc/passwd', '../model.data', 'a/../../b', 'C:\\model.data', '']) {
    it(`are not looked for at ${JSON.stringify(location)}`, async () => {
      const model = decodeModel(external().bytes);
      model.graph!.initializer![0]!.externalData = [{ key: 'location', value: location }];
      const read = async () => expect.fail('It was read.');
      const error = await bundleExternalData(encodeModel(model), read).catch((caught: Error) => caught);
      expect((error as Error).message).to.match(/no file beside the model/);
    });
  }

  it('are missed by name where nobody put them in', async () => {
    expect(await refusalOf(compileGiven(external().bytes, task))).to.match(/"w" is kept in a file of its own/);
  });
});

function x() {
  return valueInfo('x', 'float32', ['batch', 4]);
}

function inputsToo() {
  return { input: [x(), valueInfo('w', 'float32', [3, 4]), valueInfo('b', 'float32', [3])] };
}
