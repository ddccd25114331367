/** Samples a second in local training (ONNX engine, batches of 10, one thread), on synthetic data. Run: node bench/training.ts */
import { createRandom } from '../client/core/random.ts';
import type { Dataset, ModelDefinition } from '../client/training/engine.ts';
import { createOnnxEngine } from '../client/training/onnx/engine.ts';

const task = { inputShape: [1, 28, 28], classes: 10 };

function syntheticData(count: number): Dataset {
  const random = createRandom('bench');
  const features = Float32Array.from({ length: count * 784 }, () => random.float());
  const labels = Int32Array.from({ length: count }, () => random.below(10));
  return { features, labels, count, ...task };
}

async function measure(model: ModelDefinition, samples: number, epochs: number) {
  const optimizers = [
    { name: 'sgd' },
    { name: 'momentum', momentum: 0.9 },
    { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ] as const;
  const data = syntheticData(samples);
  for (const optimizer of optimizers) {
    const plan = {
      optimizer,
      learningRate: 0.001,
      epochs,
      batchSize: 10,
      proximalMu: 0,
      loss: 'softmaxCrossEntropy',
    } as const;
    const compiled = await createOnnxEngine().compile(model, plan);
    const start = compiled.initialParameters('bench');
    let slices = 0;
    const onProgress = () => {
      slices += 1;
    };
    const { seconds } = await compiled.trainLocally(start, data, { seed: 'bench', onProgress });
    rows.push({
      model: model.kind,
      optimizer: optimizer.name,
      parameters: compiled.layout.dimension,
      'samples/s': Math.round((samples * epochs) / seconds),
      seconds: Number(seconds.toFixed(2)),
      slices,
    });
    await compiled.dispose();
  }
}

const rows: object[] = [];
await measure({ kind: '2nn', ...task }, 5000, 20);
await measure({ kind: 'cnn', ...task }, 1000, 2);
console.table(rows);
