/** Recurrent layers as the operators of ONNX, whose gates stand in another order. */
import { floatTensor } from '../../onnx/tensor.ts';
import { type Converter, type LayerCall, unsupported } from './layerCall.ts';

/** Where each gate of the operator stands in the Keras kernel. */
const gatesOf = { RNN: [0], LSTM: [0, 3, 1, 2], GRU: [0, 1, 2] } as const;

const recurrent =
  (opType: keyof typeof gatesOf): Converter =>
  (call) => {
    const { graph, config, inputs } = call;
    checkActivations(call);
    const units = Number(config.units);
    const steps = graph.add('Transpose', inputs, { perm: [1, 0, 2] });
    const outputs = [graph.name(opType), graph.name(opType)] as const;
    graph.addNamed(opType, [steps, ...operandsOf(call, gatesOf[opType], units)], outputs, { hidden_size: units });
    const [all, last] = outputs;
    if (!config.returnSequences) return graph.add('Squeeze', [last, graph.integers([0])]);
    return graph.add('Transpose', [graph.add('Squeeze', [all, graph.integers([1])])], { perm: [1, 0, 2] });
  };

/** Weights [1, gates · units, inputs], [1, gates · units, units] and biases [1, 2 · gates · units]. */
function operandsOf({ graph, config, tensor }: LayerCall, gates: readonly number[], units: number): string[] {
  const rows = gates.flatMap((gate) => Array.from({ length: units }, (_, unit) => gate * units + unit));
  const direction = (value: string) => graph.add('Unsqueeze', [value, graph.integers([0])]);
  const ordered = (value: string) => graph.add('Gather', [value, graph.integers(rows)], { axis: 0 });
  const kernel = (name: string) => direction(ordered(graph.add('Transpose', [tensor(name)], { perm: [1, 0] })));
  const operands = [kernel('weight'), kernel('recurrent_weight')];
  if (config.useBias === false) return operands;
  const none = graph.constant(floatTensor([rows.length], new Array(rows.length).fill(0)));
  return [...operands, direction(graph.add('Concat', [ordered(tensor('bias')), none], { axis: 0 }))];
}

/** Errors: OPERATOR_UNSUPPORTED. */
function checkActivations(call: LayerCall): void {
  const { activation, recurrentActivation = 'sigmoid' } = call.config;
  if (activation === 'tanh' && recurrentActivation === 'sigmoid') return;
  throw unsupported(call, 'its activation must be tanh and its recurrent_activation sigmoid');
}

export const recurrentLayers: Record<string, Converter> = {
  SimpleRNN: recurrent('RNN'),
  LSTM: recurrent('LSTM'),
  GRU: recurrent('GRU'),
};
