/**
 * What an engine that is a program adds to a round: the time of a call to train, without the time that the program itself trains.
 * `PYTHONPATH=python node bench/processEngine.ts [python]`
 */
import { fileURLToPath } from 'node:url';
import { createLayout } from '../client/training/layout.ts';
import { createProcessEngine } from '../client/training/process/engine.ts';
import { floatTensorsOf, writeSafetensors } from '../client/training/safetensors.ts';

const python = process.argv[2] ?? 'python3';
const program = fileURLToPath(new URL('processEngine.py', import.meta.url));
const trainingSeconds = 1;
const rounds = 5;
const roundSeconds = 10;

for (const size of [10_000, 1_000_000, 10_000_000]) {
  const layout = createLayout([{ name: 'weight', shape: [size] }]);
  const start = new Float32Array(size).fill(0.5);
  const definition = {
    kind: 'tensors',
    bytes: writeSafetensors(floatTensorsOf(layout, start)),
    inputShape: [1],
    classes: 1,
  } as const;
  const engine = createProcessEngine({ command: [python, program, String(size)] });
  const model = await engine.compile(definition, {
    optimizer: { name: 'sgd' },
    learningRate: trainingSeconds,
    epochs: 1,
    batchSize: 1,
    proximalMu: 0,
    loss: 'squaredError',
  });
  const added: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const { metrics } = await model.trainLocally(start, engine.data, { seed: String(round) });
    added.push((performance.now() - startedAt) / 1000 - metrics!.seconds!);
  }
  await model.dispose();
  const median = added.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
  const share = ((100 * median) / roundSeconds).toFixed(2);
  console.log(`${size} numbers: ${(1000 * median).toFixed(1)} ms a round, ${share} % of one of ${roundSeconds} s`);
}
