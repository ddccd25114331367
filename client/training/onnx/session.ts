/** Sessions of onnxruntime on the CPU with one thread: whatever the machine's load, the same bits. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export { Tensor } from 'onnxruntime-node';

export type Feeds = Record<string, Tensor>;

export interface Session {
  run(feeds: Feeds): Promise<Feeds>;
  dispose(): Promise<void>;
}

export async function createSession(bytes: Uint8Array): Promise<Session> {
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    run: async (feeds) => (await session.run(feeds)) as Feeds,
    dispose: () => session.release(),
  };
}

export function floats(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor('float32', data, [...shape]);
}
