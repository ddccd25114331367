/** One step of a recurrent cell: LSTM (Hochreiter and Schmidhuber), GRU (Cho et al., https://arxiv.org/abs/1406.1078), RNN. */
import { type GraphBuilder, splitInto } from '../graph.ts';

/** The weights of one direction: W [gates · H, I], R [gates · H, H], and their biases [gates · H]. */
export interface CellWeights {
  w: string;
  r: string;
  wb: string;
  rb: string;
}

/** Everything [batch, H]; `cell` is the LSTM's second state. */
export interface CellState {
  hidden: string;
  cell: string;
}

export interface Cell {
  gates: number;
  /** Names of its functions. */
  activations: readonly string[];
  /** The bias that every step's share of the input has: all that is not multiplied with the state. */
  inputBias(graph: GraphBuilder, weights: CellWeights): string;
  /** `x`: this step's input times W, with its bias, [batch, gates · H]. */
  step(graph: GraphBuilder, x: string, state: CellState, weights: CellWeights, size: number): CellState;
}

const bothBiases: Cell['inputBias'] = (graph, { wb, rb }) => graph.add('Add', [wb, rb]);

/** a · Bᵀ + c */
function affine(graph: GraphBuilder, a: string, b: string, c: string): string {
  return graph.add('Gemm', [a, b, c], { transB: 1 });
}

/** Gates in the order input, output, forget, cell. */
export const lstm: Cell = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  inputBias: bothBiases,
  step(graph, x, { hidden, cell }, { r }, size) {
    const gates = affine(graph, hidden, r, x);
    const [open, candidate] = splitInto(graph, gates, [3 * size, size], 1) as [string, string];
    const [input, output, forget] = splitInto(graph, graph.add('Sigmoid', [open]), [size, size, size], 1) as [
      string,
      string,
      string,
    ];
    const kept = graph.add('Mul', [forget, cell]);
    const next = graph.add('Add', [kept, graph.add('Mul', [input, graph.add('Tanh', [candidate])])]);
    return { hidden: graph.add('Mul', [output, graph.add('Tanh', [next])]), cell: next };
  },
};

/** (1 − z) · candidate + z · h, which is candidate + z · (h − candidate) */
function mix(graph: GraphBuilder, update: string, candidate: string, hidden: string): string {
  const change = graph.add('Mul', [update, graph.add('Sub', [hidden, candidate])]);
  return graph.add('Add', [candidate, change]);
}

/** Gates in the order update, reset, hidden; the state is reset before it is multiplied. */
export const gru: Cell = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  inputBias: bothBiases,
  step(graph, x, { hidden, cell }, { r }, size) {
    const [xGates, xHidden] = splitInto(graph, x, [2 * size, size], 1) as [string, string];
    const [rGates, rHidden] = splitInto(graph, r, [2 * size, size], 0) as [string, string];
    const open = graph.add('Sigmoid', [affine(graph, hidden, rGates, xGates)]);
    const [update, reset] = splitInto(graph, open, [size, size], 1) as [string, string];
    const candidate = graph.add('Tanh', [affine(graph, graph.add('Mul', [reset, hidden]), rHidden, xHidden)]);
    return { hidden: mix(graph, update, candidate, hidden), cell };
  },
};

/** As PyTorch and cuDNN have it: the state is multiplied, then reset (linear_before_reset). */
export const gruResetAfter: Cell = {
  ...gru,
  inputBias: (_, { wb }) => wb,
  step(graph, x, { hidden, cell }, { r, rb }, size) {
    const [xGates, xHidden] = splitInto(graph, x, [2 * size, size], 1) as [string, string];
    const [hGates, hHidden] = splitInto(graph, affine(graph, hidden, r, rb), [2 * size, size], 1) as [string, string];
    const open = graph.add('Sigmoid', [graph.add('Add', [xGates, hGates])]);
    const [update, reset] = splitInto(graph, open, [size, size], 1) as [string, string];
    const inner = graph.add('Add', [xHidden, graph.add('Mul', [reset, hHidden])]);
    return { hidden: mix(graph, update, graph.add('Tanh', [inner]), hidden), cell };
  },
};

export const rnn: Cell = {
  gates: 1,
  activations: ['Tanh'],
  inputBias: bothBiases,
  step: (graph, x, { hidden, cell }, { r }) => ({
    hidden: graph.add('Tanh', [affine(graph, hidden, r, x)]),
    cell,
  }),
};
