import { expect } from 'chai';
import { analyse } from '../../../../client/training/onnx/analysis.ts';
import { createGraph, valueInfo } from '../../../../client/training/onnx/graph.ts';
import { encodeGraph, opset } from '../../../../client/training/onnx/model.ts';
import { createNode } from '../../../../client/training/onnx/node.ts';
import { addNoisyGradients } from '../../../../client/training/onnx/private/noisyGradients.ts';
import { createRuntime, type Feeds, floats } from '../../../../client/training/onnx/session.ts';
import { floatTensor } from '../../../../client/training/onnx/tensor.ts';

const batch = 3;
const shapes = { x: [batch, 2], w: [2, 2], gradient: [batch, 2], present: [batch, 1], sum: [2, 2], noise: [2, 2] };

/** Of y = x·w, whose gradient for one sample is x ⊗ ∂loss/∂y. */
function stepGraph(): { bytes: Uint8Array; sum: string } {
  const graph = createGraph('test/');
  const model = {
    input: 'x',
    output: 'y',
    nodes: [createNode('MatMul', ['x', 'w'], ['y'])],
    initializers: new Map([['w', floatTensor(shapes.w, [1, 0, 0, 1])]]),
    opset,
  };
  const { gradients, sums, sumsAfter } = addNoisyGradients(graph, {
    analysis: analyse(model, { inputShape: [2], classes: 2 }, batch),
    ...{ input: 'x', output: 'y', trained: ['w'], gradient: 'gradient', present: 'present' },
    privacy: { clipNorm: 2 },
    expectedSamples: 5,
    scale: 10,
    noise: () => 'noise',
    applies: 'applies',
  });
  const [sum] = sums as [string];
  graph.addNamed('Identity', [gradients.get('w')!], ['applied']);
  graph.addNamed('Identity', [sumsAfter[0]!], ['after']);
  graph.addNamed('Expand', ['after', graph.integers(shapes.w)], ['carried']);
  const { sum: ofSum, ...others } = shapes;
  const inputs = Object.entries({ ...others, [sum]: ofSum }).map(([name, shape]) => valueInfo(name, 'float32', shape));
  const outputs = ['applied', 'carried'].map((name) => valueInfo(name, 'float32', shapes.w));
  return { bytes: encodeGraph(graph.build('step', [...inputs, valueInfo('applies', 'bool', [])], outputs)), sum };
}

describe('a step with differential privacy', () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());

  // the first gradient is of norm 5 and clipped to 2, the second of norm 1, the third fills up the batch
  const ofBatch = [1.2, 1.6 + 1, 0, 0];
  const before = [10, 20, 30, 40];
  const noise = [1, -1, 2, -2];

  async function run(applies: boolean): Promise<Record<'applied' | 'carried', number[]>> {
    const { bytes, sum } = stepGraph();
    const values = { x: [1, 0, 1, 0, 7, 8], w: [1, 0, 0, 1], gradient: [3, 4, 0, 1, 5, 5], present: [1, 1, 0], noise };
    const feeds: Feeds = Object.fromEntries(
      Object.entries(values).map(([name, data]) => [
        name,
        floats(Float32Array.from(data), shapes[name as keyof typeof shapes]),
      ]),
    );
    feeds[sum] = floats(Float32Array.from(before), shapes.sum);
    feeds.applies = { type: 'bool', data: Uint8Array.of(applies ? 1 : 0), dims: [] };
    const session = await runtime.createSession(bytes);
    const { applied, carried } = await session.run(feeds);
    await session.release();
    return { applied: [...applied!.data].map(Number), carried: [...carried!.data].map(Number) };
  }

  const close = (actual: number[], expected: number[]) => {
    expect(actual).to.have.length(expected.length);
    for (const [place, value] of expected.entries()) expect(actual[place]).to.be.closeTo(value, 1e-5);
  };

  it('applies the whole sum with its noise, over the expected size of the sample, and begins anew', async () => {
    const { applied, carried } = await run(true);
    close(
      applied,
      ofBatch.map((value, place) => ((before[place]! + value + noise[place]!) * 10) / 5),
    );
    close(carried, [0, 0, 0, 0]);
  });

  it('carries the sum without noise until the last batch of its sample', async () => {
    const { carried } = await run(false);
    close(
      carried,
      ofBatch.map((value, place) => before[place]! + value),
    );
  });
});
