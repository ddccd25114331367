/** Activations without corners. */
import type { GraphBuilder } from '../graph.ts';
import { floatAttribute, stringAttribute } from '../node.ts';
import { type ForwardContext, type NodeContext, unsupported } from './operator.ts';
import { smooth } from './unary.ts';

/** y · (1 − y) */
export const sigmoid = smooth(({ graph, output }) => {
  const rest = graph.add('Sub', [graph.scalar(1), output]);
  return graph.add('Mul', [output, rest]);
});

/** 1 − y² */
export const tanh = smooth(({ graph, output }) =>
  graph.add('Sub', [graph.scalar(1), graph.add('Mul', [output, output])]),
);

/** σ(x) */
export const softplus = smooth(({ graph }, x) => graph.add('Sigmoid', [x]));

/** (1 − |y|)² */
export const softsign = smooth(({ graph, output }) => {
  const rest = graph.add('Sub', [graph.scalar(1), graph.add('Abs', [output])]);
  return graph.add('Mul', [rest, rest]);
});

/** (d/dx) x·f(x) = f + x·f′ */
function gatedSlope(graph: GraphBuilder, x: string, gate: string, gateSlope: string): string {
  return graph.add('Add', [gate, graph.add('Mul', [x, gateSlope])]);
}

/** x · tanh(softplus(x)) (Misra, https://arxiv.org/abs/1908.08681). */
export const mish = smooth(({ graph }, x) => {
  const gate = graph.add('Tanh', [graph.add('Softplus', [x])]);
  const rest = graph.add('Sub', [graph.scalar(1), graph.add('Mul', [gate, gate])]);
  return gatedSlope(graph, x, gate, graph.add('Mul', [rest, graph.add('Sigmoid', [x])]));
});

function swishGate(graph: GraphBuilder, node: NodeContext['node'], x: string): string {
  return graph.add('Sigmoid', [graph.scale(x, floatAttribute(node, 'alpha', 1))]);
}

/** x · σ(αx), an operator since opset 24: written out, because our graphs are older. */
export const swish = smooth(
  ({ graph, node }, x) => {
    const gate = swishGate(graph, node, x);
    const slope = graph.add('Mul', [gate, graph.add('Sub', [graph.scalar(1), gate])]);
    return gatedSlope(graph, x, gate, graph.scale(slope, floatAttribute(node, 'alpha', 1)));
  },
  ({ graph, node, inputs, output }) =>
    graph.addNamed('Mul', [inputs[0]!, swishGate(graph, node, inputs[0]!)], [output]),
);

/** (2/√π) · exp(−x²) */
export const erf = smooth(({ graph }, x) => {
  const density = graph.add('Exp', [graph.add('Neg', [graph.add('Mul', [x, x])])]);
  return graph.scale(density, 2 / Math.sqrt(Math.PI));
});

const tanhScale = Math.sqrt(2 / Math.PI);
const cubeFactor = 0.044715;

/** Φ(x), or ½(1 + tanh(√(2/π)·(x + 0.044715x³))) with approximate = tanh (Hendrycks and Gimpel, https://arxiv.org/abs/1606.08415). */
function geluGate(graph: GraphBuilder, node: NodeContext['node'], x: string): { gate: string; slope: () => string } {
  const approximate = stringAttribute(node, 'approximate', 'none');
  const half = (value: string) => graph.scale(graph.add('Add', [value, graph.scalar(1)]), 0.5);
  if (approximate === 'none') {
    const density = () => {
      const exponent = graph.scale(graph.add('Mul', [x, x]), -0.5);
      return graph.scale(graph.add('Exp', [exponent]), 1 / Math.sqrt(2 * Math.PI));
    };
    return { gate: half(graph.add('Erf', [graph.scale(x, Math.SQRT1_2)])), slope: density };
  }
  if (approximate !== 'tanh') throw unsupported(node, `the approximation "${approximate}"`);
  const square = graph.add('Mul', [x, x]);
  const cubic = graph.add('Add', [graph.scale(square, tanhScale * cubeFactor), graph.scalar(tanhScale)]);
  const bent = graph.add('Tanh', [graph.add('Mul', [x, cubic])]);
  const slope = () => {
    const inner = graph.add('Add', [graph.scale(square, 3 * tanhScale * cubeFactor), graph.scalar(tanhScale)]);
    const rest = graph.add('Sub', [graph.scalar(1), graph.add('Mul', [bent, bent])]);
    return graph.scale(graph.add('Mul', [rest, inner]), 0.5);
  };
  return { gate: half(bent), slope };
}

/** x · gate(x), an operator since opset 20: written out, because our graphs are older. */
export const gelu = smooth(
  ({ graph, node }, x) => {
    const { gate, slope } = geluGate(graph, node, x);
    return gatedSlope(graph, x, gate, slope());
  },
  ({ graph, node, inputs, output }: ForwardContext) =>
    graph.addNamed('Mul', [inputs[0]!, geluGate(graph, node, inputs[0]!).gate], [output]),
);
