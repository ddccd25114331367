/** One step of an optimiser on one parameter tensor, as nodes of a graph. */
import type { TrainingPlan } from '../engine.ts';
import type { GraphBuilder } from './graph.ts';

export interface Step {
  parameter: string;
  /** The optimiser's own tensors, each of the parameter's shape; zero at the start. */
  states: readonly string[];
  /** gradientScale · ∂loss/∂parameter */
  gradient: string;
  /** This step's `rates`, each a scalar. */
  rates: readonly string[];
}

export interface OptimizerBuilder {
  /** What the loss is multiplied by before it is derived: the learning rate costs nothing there. */
  gradientScale: number;
  /** How many tensors of its own it keeps for each parameter. */
  stateCount: number;
  /** Numbers that change from step to step; steps count from 1. */
  rates(step: number): number[];
  update(graph: GraphBuilder, step: Step): { parameter: string; states: string[] };
}

function sgd(learningRate: number): OptimizerBuilder {
  return {
    gradientScale: learningRate,
    stateCount: 0,
    rates: () => [],
    update: (graph, { parameter, gradient }) => ({
      parameter: graph.addScaled(gradient, -1, parameter, 1),
      states: [],
    }),
  };
}

/** Keeps u = learningRate · v. */
function heavyBall(learningRate: number, momentum: number): OptimizerBuilder {
  return {
    gradientScale: learningRate,
    stateCount: 1,
    rates: () => [],
    update(graph, { parameter, states, gradient }) {
      const velocity = graph.addScaled(gradient, 1, states[0]!, momentum);
      return { parameter: graph.add('Sub', [parameter, velocity]), states: [velocity] };
    },
  };
}

/**
 * Keeps the moments without their factors (1 − β): M ← β₁M + g, V ← β₂V + g². With cᵢ = (1 − βᵢ) / (1 − βᵢᵗ) the step of
 * algorithm 1 is learningRate · c₁M / (√(c₂V) + ε) = (learningRate · c₁/√c₂) · M / (√V + ε/√c₂).
 */
function adam(learningRate: number, beta1: number, beta2: number, epsilon: number): OptimizerBuilder {
  return {
    gradientScale: 1,
    stateCount: 2,
    rates(step) {
      const first = (1 - beta1) / (1 - beta1 ** step);
      const second = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      return [(learningRate * first) / second, epsilon / second];
    },
    update(graph, { parameter, states, gradient, rates }) {
      const [rate, offset] = rates as [string, string];
      const square = graph.add('Mul', [gradient, gradient]);
      const mean = graph.add('Add', [graph.scale(states[0]!, beta1), gradient]);
      const variance = graph.add('Add', [graph.scale(states[1]!, beta2), square]);
      const deviation = graph.add('Add', [graph.add('Sqrt', [variance]), offset]);
      const change = graph.add('Div', [graph.add('Mul', [mean, rate]), deviation]);
      return { parameter: graph.add('Sub', [parameter, change]), states: [mean, variance] };
    },
  };
}

export function optimizerOf({ optimizer, learningRate }: TrainingPlan): OptimizerBuilder {
  switch (optimizer.name) {
    case 'sgd':
      return sgd(learningRate);
    case 'momentum':
      return heavyBall(learningRate, optimizer.momentum);
    case 'adam':
      return adam(learningRate, optimizer.beta1, optimizer.beta2, optimizer.epsilon);
  }
}

/** FedProx: adds scale · μ · (w − w₀) to the gradient, w₀ being the round's global model. */
export function addProximalTerm(
  graph: GraphBuilder,
  { gradient, parameter, start, factor }: { gradient: string; parameter: string; start: string; factor: number },
): string {
  const pull = graph.scale(graph.add('Sub', [parameter, start]), factor);
  return graph.addScaled(gradient, 1, pull, 1);
}
