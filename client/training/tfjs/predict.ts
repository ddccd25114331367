import type { Tensor } from '@tensorflow/tfjs';
import type { Dataset } from '../engine.ts';
import type { Architecture } from './architecture.ts';
import { batchTensors } from './batches.ts';
import type { Tf } from './tf.ts';

/** Samples at a time: bounds the memory. */
const batchSize = 256;

/** The model's outputs, [count × outputs], row-major. */
export function predict(tf: Tf, architecture: Architecture, data: Dataset): Float32Array {
  const { count } = data;
  let outputs = new Float32Array();
  for (let start = 0; start < count; start += batchSize) {
    const indices = Array.from({ length: Math.min(batchSize, count - start) }, (_, i) => start + i);
    tf.tidy(() => {
      const { inputs } = batchTensors(tf, architecture, data, indices);
      const values = (architecture.model.apply(inputs, { training: false }) as Tensor).dataSync() as Float32Array;
      if (start === 0) outputs = new Float32Array((values.length / indices.length) * count);
      outputs.set(values, (values.length / indices.length) * start);
    });
  }
  return outputs;
}
