import type { TrainingPlan } from '../../client/training/engine.ts';

/** One step of gradient descent after the other, on batches of four; `changes` is what a test wants otherwise. */
export function createPlan(changes: Partial<TrainingPlan> = {}): TrainingPlan {
  return {
    optimizer: { name: 'sgd' },
    learningRate: 0.1,
    epochs: 1,
    batchSize: 4,
    proximalMu: 0,
    loss: 'softmaxCrossEntropy',
    ...changes,
  };
}
