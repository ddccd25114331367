/** A process that ends with exit code 7 in the middle of a training that would take minutes. */
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';

const task = { inputShape: [1, 28, 28], classes: 2 };
const count = 400;
const data = { features: new Float32Array(count * 784).fill(0.5), labels: new Int32Array(count), count, ...task };
const model = await createOnnxEngine().compile(
  { kind: 'cnn', ...task },
  {
    optimizer: { name: 'sgd' },
    learningRate: 0.01,
    epochs: 1000,
    batchSize: 10,
    proximalMu: 0,
    loss: 'softmaxCrossEntropy',
  },
);
const onProgress = () => setTimeout(() => process.exit(7), 20); // while the next slice computes
await model.trainLocally(model.initialParameters('a'), data, { seed: 'a', onProgress });
