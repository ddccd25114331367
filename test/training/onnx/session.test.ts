import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createGraph, valueInfo } from '../../../client/training/onnx/graph.ts';
import { encodeGraph } from '../../../client/training/onnx/model.ts';
import { createRuntime, floats } from '../../../client/training/onnx/session.ts';
import { spawnGroup } from '../../processGroup.ts';
import { errorCodeOf } from '../errorCode.ts';

function sumGraph(): Uint8Array {
  const graph = createGraph('test/');
  graph.addNamed('Add', ['a', 'b'], ['sum']);
  const info = (name: string) => valueInfo(name, 'float32', [2]);
  return encodeGraph(graph.build('sum', [info('a'), info('b')], [info('sum')]));
}

describe('a session of ONNX Runtime', () => {
  it('keeps bound inputs from run to run', async () => {
    const runtime = createRuntime();
    const session = await runtime.createSession(sumGraph());
    await session.bind({ a: floats(Float32Array.of(1, 2), [2]) });
    for (const b of [10, 20]) {
      const { sum } = await session.run({ b: floats(Float32Array.of(b, b), [2]) });
      expect([...sum!.data]).to.deep.equal([b + 1, b + 2]);
    }
    await runtime.dispose();
  });

  it('refuses a graph that the runtime does not know', async () => {
    const runtime = createRuntime();
    const graph = createGraph('test/');
    graph.addNamed('Frobnicate', ['a'], ['b']);
    const bytes = encodeGraph(graph.build('odd', [valueInfo('a', 'float32', [2])], [valueInfo('b', 'float32', [2])]));
    expect(await errorCodeOf(() => runtime.createSession(bytes))).to.equal('MODEL_INVALID');
    await runtime.dispose();
  });

  it('is not to be had after it was disposed of', async () => {
    const runtime = createRuntime();
    const session = await runtime.createSession(sumGraph());
    await runtime.dispose();
    expect(await errorCodeOf(() => session.run({}))).to.equal('ABORTED');
  });

  it('lets the process end with its own exit code in the middle of a run', async () => {
    const program = fileURLToPath(new URL('./exitWhileTraining.ts', import.meta.url));
    const child = spawnGroup(process.execPath, [program], { stdio: 'ignore' });
    const [code, signal] = await once(child, 'exit');
    expect({ code, signal }).to.deep.equal({ code: 7, signal: null });
  });
});
