/** The outputs of a model, batch by batch. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Dataset } from '../engine.ts';
import type { Architecture } from './architecture.ts';
import { batchTensors } from './batches.ts';
import type { Tf } from './tf.ts';

/** Samples at a time: bounds the memory. */
const batchSize = 256;

/** Of so many samples from `start` on, row-major. */
interface Outputs {
  start: number;
  samples: number;
  values: Float32Array;
}

export function* outputBatches(tf: Tf, architecture: Architecture, data: Dataset): Generator<Outputs> {
  for (let start = 0; start < data.count; start += batchSize) {
    const samples = Math.min(batchSize, data.count - start);
    const indices = Array.from({ length: samples }, (_, i) => start + i);
    let values = new Float32Array();
    tf.tidy(() => {
      const { inputs } = batchTensors(tf, architecture, data, indices);
      const outputs = architecture.model.apply(inputs, { training: false }) as Tensor;
      values = outputs.dataSync() as Float32Array<ArrayBuffer>;
    });
    yield { start, samples, values };
  }
}

/** The model's outputs, [count × outputs], row-major. */
export function predict(tf: Tf, architecture: Architecture, data: Dataset): Float32Array {
  let outputs = new Float32Array();
  for (const { start, samples, values } of outputBatches(tf, architecture, data)) {
    if (start === 0) outputs = new Float32Array((values.length / samples) * data.count);
    outputs.set(values, (values.length / samples) * start);
  }
  return outputs;
}
