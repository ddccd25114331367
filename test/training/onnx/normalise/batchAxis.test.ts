/** A batch of one sample in a file's shapes: opened, two samples get what each got alone. */
import { expect } from 'chai';
import { elementCount } from '../../../../client/training/layout.ts';
import { writeModel } from '../../../../client/training/onnx/model.ts';
import { createNode } from '../../../../client/training/onnx/node.ts';
import { openBatch } from '../../../../client/training/onnx/normalise/batchAxis.ts';
import { readModel } from '../../../../client/training/onnx/read.ts';
import { createRuntime, floats } from '../../../../client/training/onnx/session.ts';
import { integerTensor } from '../../../../client/training/onnx/tensor.ts';
import { type GivenFile, onnxFile, randomTensor } from '../given.ts';

const list = (...values: number[]) => integerTensor([values.length], values);
const inputShape = [3, 4];

const files: Record<string, GivenFile> = {
  'Reshape to a known shape': {
    nodes: [createNode('Reshape', ['x', 'to'], ['f']), createNode('MatMul', ['f', 'w'], ['y'])],
    initializers: { to: list(1, 12), w: randomTensor('w', [12, 2]) },
  },
  'Reshape with an extent to infer': {
    nodes: [createNode('Reshape', ['x', 'to'], ['f']), createNode('MatMul', ['f', 'w'], ['y'])],
    initializers: { to: list(1, -1), w: randomTensor('w', [12, 2]) },
  },
  'Reshapes into heads and back': {
    nodes: [
      createNode('Reshape', ['x', 'heads'], ['h']),
      createNode('Transpose', ['h'], ['t'], { perm: [0, 2, 1, 3] }),
      createNode('Softmax', ['t'], ['s'], { axis: -1 }),
      createNode('Reshape', ['s', 'back'], ['y']),
    ],
    initializers: { heads: list(1, 3, 2, 2), back: list(1, -1) },
  },
  'the token of a class in front': {
    nodes: [createNode('Concat', ['token', 'x'], ['c'], { axis: 1 }), createNode('Reshape', ['c', 'to'], ['y'])],
    initializers: { token: randomTensor('token', [1, 1, 4]), to: list(1, 16) },
  },
  'the token of a class, expanded to one sample': {
    nodes: [
      createNode('Expand', ['token', 'one'], ['e']),
      createNode('Concat', ['x', 'e'], ['c'], { axis: 1 }),
      createNode('Flatten', ['c'], ['y']),
    ],
    initializers: { token: randomTensor('token', [1, 4]), one: list(1, 1, 4) },
  },
};

describe('a batch of one sample', () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());

  async function run(bytes: Uint8Array, samples: Float32Array, count: number): Promise<number[]> {
    const session = await runtime.createSession(bytes);
    const results = await session.run({ x: floats(samples, [count, ...inputShape]) });
    await session.release();
    return [...(Object.values(results)[0]!.data as Float32Array)];
  }

  for (const [name, file] of Object.entries(files)) {
    it(`is opened: ${name}`, async () => {
      const bytes = onnxFile({ ...file, input: [1, ...inputShape] });
      const model = readModel(bytes);
      expect(openBatch(model)).to.equal(true);
      const size = elementCount(inputShape);
      const samples = Float32Array.from(randomTensor('samples', [2, size]).data);
      const alone = [
        ...(await run(bytes, samples.subarray(0, size), 1)),
        ...(await run(bytes, samples.subarray(size), 1)),
      ];
      expect(await run(writeModel(model, { inputShape, classes: alone.length / 2 }), samples, 2)).to.deep.equal(alone);
    });
  }

  it('is not looked for in the shapes of weights', () => {
    const nodes = [
      createNode('Reshape', ['b', 'to'], ['row']),
      createNode('Flatten', ['x'], ['f']),
      createNode('Add', ['f', 'row'], ['y']),
    ];
    const model = readModel(onnxFile({ nodes, initializers: { b: randomTensor('b', [12]), to: list(1, 12) } }));
    expect(openBatch(model)).to.equal(false);
  });
});
