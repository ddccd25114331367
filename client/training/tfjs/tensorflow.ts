/**
 * TensorFlow.js and its backends: native (`@tensorflow/tfjs-node`) where a person has installed it and it loads, else
 * WebAssembly, else plain JavaScript. The backend is global to the process, so work on it goes through one queue.
 */
import pLimit from 'p-limit';
import { importOptional } from '../../core/optional.ts';
import { registerConvolutionGradients } from './convolutionGradient.ts';
import { registerReshape } from './reshape.ts';
import type { Tf } from './tf.ts';

export type Backend = 'tensorflow' | 'wasm' | 'cpu';

export interface Tensorflow {
  tf: Tf;
  /** Those that work here, fastest first. */
  backends: readonly Backend[];
  /** Runs `work` alone, on this backend. */
  run<T>(backend: Backend, work: () => T | Promise<T>): Promise<T>;
}

let loading: Promise<Tensorflow> | undefined;

/** Errors: PACKAGE_MISSING. */
export function loadTensorflow(): Promise<Tensorflow> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Tensorflow> {
  const native = await loadNative();
  const tf = native ?? (await loadPlain());
  tf.enableProdMode(); // also silences the advertisement for tfjs-node
  const candidates: Backend[] = native ? ['tensorflow', 'cpu'] : ['wasm', 'cpu'];
  if (!native) await import('@tensorflow/tfjs-backend-wasm').catch(() => undefined);
  registerConvolutionGradients(tf);
  registerReshape(tf);
  const backends: Backend[] = [];
  for (const backend of candidates) {
    if (tf.findBackendFactory(backend) && (await tf.setBackend(backend))) backends.push(backend);
  }
  const queue = pLimit(1);
  return {
    tf,
    backends,
    run: (backend, work) =>
      queue(async () => {
        await tf.setBackend(backend);
        return work();
      }),
  };
}

function loadPlain(): Promise<Tf> {
  const packages = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];
  return importOptional('models of TensorFlow.js and Keras', packages, () => import('@tensorflow/tfjs'));
}

/** It may be absent, built for another platform, or load and then fail at the first operation (Node 23 and newer). */
async function loadNative(): Promise<Tf | undefined> {
  const optionalPeer: string = '@tensorflow/tfjs-node';
  try {
    const tf: Tf = await import(optionalPeer);
    tf.tidy(() => tf.add([1], [1]).dataSync());
    return tf;
  } catch {
    return undefined;
  }
}
