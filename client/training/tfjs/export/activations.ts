/** Activations, as layers of their own and within other layers. */
import type { GraphBuilder } from '../../onnx/graph.ts';
import { type Attributes, float } from '../../onnx/node.ts';
import { type Converter, checkLastAxis, type LayerCall, unsupported } from './layerCall.ts';

type Activation = (graph: GraphBuilder, value: string) => string;

const operator =
  (opType: string, attributes: Attributes = {}): Activation =>
  (graph, value) =>
    graph.add(opType, [value], attributes);

/** x · Φ(x), Φ of the normal distribution (Hendrycks and Gimpel, https://arxiv.org/abs/1606.08415, section 2). */
const gelu: Activation = (graph, x) => {
  const erf = graph.add('Erf', [graph.scale(x, Math.SQRT1_2)]);
  return graph.add('Mul', [graph.scale(x, 0.5), graph.add('Add', [erf, graph.scalar(1)])]);
};

/** By its name in TensorFlow.js. */
const activations: Record<string, Activation> = {
  linear: (_, value) => value,
  relu: operator('Relu'),
  relu6: (graph, value) => graph.add('Clip', [value, graph.scalar(0), graph.scalar(6)]),
  sigmoid: operator('Sigmoid'),
  hardSigmoid: operator('HardSigmoid', { alpha: float(0.2), beta: float(0.5) }),
  tanh: operator('Tanh'),
  softplus: operator('Softplus'),
  softsign: operator('Softsign'),
  elu: operator('Elu', { alpha: float(1) }),
  selu: operator('Selu'),
  softmax: operator('Softmax', { axis: -1 }),
  logSoftmax: operator('LogSoftmax', { axis: -1 }),
  gelu,
  swish: (graph, value) => graph.add('Mul', [value, graph.add('Sigmoid', [value])]),
  mish: (graph, value) => graph.add('Mul', [value, graph.add('Tanh', [graph.add('Softplus', [value])])]),
};

/** The layer's own activation. Errors: OPERATOR_UNSUPPORTED. */
export function activate(call: LayerCall, value: string, name = String(call.config.activation)): string {
  const activation = activations[name];
  if (activation === undefined) throw unsupported(call, `the activation ${name} has no conversion`);
  return activation(call.graph, value);
}

export const activationLayers: Record<string, Converter> = {
  Activation: (call) => activate(call, call.inputs[0]!),
  ReLU({ graph, config, inputs: [value] }) {
    if (config.maxValue == null) return graph.add('Relu', [value!]);
    return graph.add('Clip', [value!, graph.scalar(0), graph.scalar(Number(config.maxValue))]);
  },
  LeakyReLU: ({ graph, config, inputs }) => graph.add('LeakyRelu', inputs, { alpha: float(Number(config.alpha)) }),
  ELU: ({ graph, config, inputs }) => graph.add('Elu', inputs, { alpha: float(Number(config.alpha)) }),
  Softmax(call) {
    checkLastAxis(call);
    return activate(call, call.inputs[0]!, 'softmax');
  },
};
