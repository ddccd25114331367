/** One step of an optimiser on one variable's coordinates; its state starts at zero. */
import type { TrainingPlan } from '../engine.ts';

/** `step` counts from 1. */
export type Update = (values: Float32Array, gradient: Float32Array, step: number) => void;

/** An updater for a variable that starts the round at `start`, including the proximal term of FedProx. */
export function createUpdate(plan: TrainingPlan, start: Float32Array): Update {
  const update = createOptimizer(plan, start.length);
  const mu = plan.proximalMu;
  if (mu === 0) return update;
  return (values, gradient, step) => {
    update(
      values,
      gradient.map((g, i) => g + mu * (values[i]! - start[i]!)),
      step,
    );
  };
}

function createOptimizer({ optimizer, learningRate }: TrainingPlan, size: number): Update {
  switch (optimizer.name) {
    case 'sgd':
      return (values, gradient) => {
        for (let i = 0; i < size; i++) values[i] = values[i]! - learningRate * gradient[i]!;
      };
    case 'momentum': {
      const velocity = new Float32Array(size);
      return (values, gradient) => {
        for (let i = 0; i < size; i++) {
          velocity[i] = optimizer.momentum * velocity[i]! + gradient[i]!;
          values[i] = values[i]! - learningRate * velocity[i]!;
        }
      };
    }
    case 'adam': {
      const { beta1, beta2, epsilon } = optimizer;
      const mean = new Float32Array(size);
      const variance = new Float32Array(size);
      return (values, gradient, step) => {
        const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
        for (let i = 0; i < size; i++) {
          const g = gradient[i]!;
          mean[i] = beta1 * mean[i]! + (1 - beta1) * g;
          variance[i] = beta2 * variance[i]! + (1 - beta2) * g * g;
          const deviation = Math.sqrt(variance[i]! / correction2) + epsilon;
          values[i] = values[i]! - (learningRate * mean[i]!) / correction1 / deviation;
        }
      };
    }
  }
}
