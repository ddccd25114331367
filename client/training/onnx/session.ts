/**
 * Sessions of ONNX Runtime on the CPU with one thread, so that the bits are the same whatever the machine's load. They live
 * in a worker, so that training does not hold up this thread.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { TributaryError } from '../../core/errors.ts';
import { elementCount } from '../layout.ts';

export interface Tensor {
  type: 'float32' | 'int32' | 'int64' | 'uint8' | 'bool' | 'string';
  data: Float32Array | Int32Array | BigInt64Array | Uint8Array | readonly string[];
  dims: readonly number[];
}

/** Values by the names of a graph's inputs or outputs. */
export type Feeds = Record<string, Tensor>;

export interface Session {
  /** Keeps these inputs for the runs that follow. */
  bind(feeds: Feeds): Promise<void>;
  run(feeds: Feeds): Promise<Feeds>;
  release(): Promise<void>;
}

export interface Runtime {
  /** Errors: MODEL_INVALID with the runtime's reason. */
  createSession(bytes: Uint8Array): Promise<Session>;
  dispose(): Promise<void>;
}

const sessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
};

export function floats(data: Float32Array, dims: readonly number[]): Tensor {
  return { type: 'float32', data, dims };
}

/** A float tensor of zeros. */
export function zeros(dims: readonly number[]): Tensor {
  return floats(new Float32Array(elementCount(dims)), dims);
}

interface Call {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The worker's thread. */
function startWorker() {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const [busy, closing] = [0, 1];
  const worker = new Worker(new URL('./sessionWorker.js', import.meta.url), { workerData: { state } });
  const calls = new Map<number, Call>();
  let count = 0;
  let failure: Error | undefined;

  function expectAnswer(id: number): Promise<unknown> {
    if (failure) return Promise.reject(failure);
    worker.ref();
    return new Promise((resolve, reject) => calls.set(id, { resolve, reject }));
  }
  function settle(id: number): Call | undefined {
    const call = calls.get(id);
    calls.delete(id);
    if (calls.size === 0) worker.unref(); // an idle worker keeps no process alive
    return call;
  }
  worker.on('message', ({ id, result, error }: { id: number; result?: unknown; error?: string }) => {
    const call = settle(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  });
  worker.on('error', (cause) => {
    process.off('exit', waitUntilIdle);
    failure = new TributaryError(
      'ENGINE_UNAVAILABLE',
      'ONNX Runtime does not run on this machine: choose the engine tfjs instead.',
      { cause },
    );
    for (const id of calls.keys()) settle(id)?.reject(failure);
  });

  /** A thread that is stopped while the runtime computes takes the process down with it: waits until it does not. */
  function waitUntilIdle(): void {
    Atomics.store(state, closing, 1);
    Atomics.wait(state, busy, 1);
  }
  process.once('exit', waitUntilIdle);

  const ready = expectAnswer(0);
  ready.catch(() => undefined); // the first call reports it
  return {
    async call(message: object): Promise<unknown> {
      await ready;
      count += 1;
      const answer = expectAnswer(count);
      if (!failure) worker.postMessage({ id: count, ...message });
      return answer;
    },
    async stop(): Promise<void> {
      failure ??= new TributaryError('ABORTED', 'The model was disposed of while it was in use.');
      while (calls.size > 0) await once(worker, 'message').catch(() => undefined);
      await worker.terminate();
      process.off('exit', waitUntilIdle);
    },
  };
}

export function createRuntime(): Runtime {
  const worker = startWorker();
  let count = 0;

  async function createSession(bytes: Uint8Array): Promise<Session> {
    const session = count++;
    try {
      await worker.call({ action: 'create', session, bytes, options: sessionOptions });
    } catch (cause) {
      if (cause instanceof TributaryError) throw cause;
      throw new TributaryError('MODEL_INVALID', `ONNX Runtime refuses the model: ${(cause as Error).message}`, {
        cause,
      });
    }
    return {
      bind: async (feeds) => {
        await worker.call({ action: 'bind', session, feeds });
      },
      run: async (feeds) => (await worker.call({ action: 'run', session, feeds })) as Feeds,
      release: async () => {
        await worker.call({ action: 'release', session });
      },
    };
  }
  return {
    createSession,
    dispose: worker.stop,
  };
}
