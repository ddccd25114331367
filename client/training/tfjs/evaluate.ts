import type { Tensor } from '@tensorflow/tfjs';
import { hasClasses } from '../data/dataset.ts';
import type { Dataset, Evaluation } from '../engine.ts';
import type { Architecture } from './architecture.ts';
import { batchTensors } from './batches.ts';
import type { Tf } from './tf.ts';

/** Samples at a time: bounds the memory. */
const batchSize = 256;

/** Mean loss and accuracy, summed in double precision. */
export function evaluateModel(tf: Tf, architecture: Architecture, data: Dataset): Evaluation {
  const { count, classes, labels } = data;
  const isClassification = hasClasses(data);
  let loss = 0;
  let correct = 0;
  for (let start = 0; start < count; start += batchSize) {
    const indices = Array.from({ length: Math.min(batchSize, count - start) }, (_, i) => start + i);
    let outputs = new Float32Array();
    tf.tidy(() => {
      const { inputs } = batchTensors(tf, architecture, data, indices);
      outputs = (
        architecture.model.apply(inputs, { training: false }) as Tensor
      ).dataSync() as Float32Array<ArrayBuffer>;
    });
    for (const [i, sample] of indices.entries()) {
      const row = outputs.subarray(i * classes, (i + 1) * classes);
      if (isClassification) {
        const label = labels[sample]!;
        loss += crossEntropy(row, label);
        if (row.indexOf(row.reduce((a, b) => Math.max(a, b))) === label) correct++;
      } else {
        loss +=
          row.reduce((sum, value, output) => sum + (value - labels[sample * classes + output]!) ** 2, 0) / classes;
      }
    }
  }
  return { loss: loss / count, accuracy: isClassification ? correct / count : Number.NaN, count };
}

/** −log softmax(logits)[label] */
function crossEntropy(logits: Float32Array, label: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return Math.log(sum) + largest - logits[label]!;
}
