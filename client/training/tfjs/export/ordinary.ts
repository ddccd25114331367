/** Dense layers, embeddings, normalisations, and what only moves or joins values. */
import { float } from '../../onnx/node.ts';
import { floatTensor } from '../../onnx/tensor.ts';
import { reshapeClass } from '../reshape.ts';
import { activate } from './activations.ts';
import { type Converter, checkLastAxis, type LayerCall, unsupported } from './layerCall.ts';

const int64 = 7; // TensorProto.DataType

const same: Converter = ({ inputs }) => inputs[0]!;

const join =
  (combine: (call: LayerCall) => string): Converter =>
  (call) => {
    const ranks = ([call.layer.input].flat() as { shape: unknown[] }[]).map(({ shape }) => shape.length);
    if (ranks.some((rank) => rank !== ranks[0])) throw unsupported(call, 'its inputs have different numbers of axes');
    return combine(call);
  };

const folded = (opType: 'Add' | 'Mul') =>
  join(({ graph, inputs }) => inputs.reduce((sum, input) => graph.add(opType, [sum, input])));

/** Constants over the last axis: one number, or one for each channel. */
function overChannels({ graph }: LayerCall, values: unknown): string {
  const list = [values].flat().map(Number);
  return list.length === 1 ? graph.scalar(list[0]!) : graph.constant(floatTensor([list.length], list));
}

export const ordinaryLayers: Record<string, Converter> = {
  Dropout: same,
  [reshapeClass]: ({ graph, inputs, outputShape }) =>
    graph.add('Reshape', [inputs[0]!, graph.integers([-1, ...outputShape])]),
  Dense(call) {
    const { graph, config, inputs, inputShape, tensor } = call;
    const bias = config.useBias === false ? [] : [tensor('bias')];
    if (inputShape.length === 1) return activate(call, graph.add('Gemm', [inputs[0]!, tensor('weight'), ...bias]));
    const product = graph.add('MatMul', [inputs[0]!, tensor('weight')]);
    return activate(call, bias.length === 0 ? product : graph.add('Add', [product, ...bias]));
  },
  Embedding({ graph, inputs, tensor }) {
    return graph.add('Gather', [tensor('embeddings'), graph.add('Cast', inputs, { to: int64 })], { axis: 0 });
  },
  Permute({ graph, config, inputs }) {
    return graph.add('Transpose', inputs, { perm: [0, ...(config.dims as number[])] });
  },
  RepeatVector({ graph, config, inputs }) {
    const row = graph.add('Unsqueeze', [inputs[0]!, graph.integers([1])]);
    return graph.add('Tile', [row, graph.integers([1, Number(config.n), 1])]);
  },
  Rescaling(call) {
    const scaled = call.graph.add('Mul', [call.inputs[0]!, overChannels(call, call.config.scale)]);
    return call.graph.add('Add', [scaled, overChannels(call, call.config.offset)]);
  },
  BatchNormalization(call) {
    checkLastAxis(call);
    const { graph, config, inputs, tensor, channelsFirst, channelsLast } = call;
    const operands = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(tensor);
    const epsilon = float(Number(config.epsilon));
    return channelsLast(graph.add('BatchNormalization', [channelsFirst(inputs[0]!), ...operands], { epsilon }));
  },
  LayerNormalization(call) {
    checkLastAxis(call);
    const { graph, config, inputs, inputShape, tensor } = call;
    const width = inputShape.at(-1)!;
    const scale = config.scale ? tensor('gamma') : graph.constant(floatTensor([width], new Array(width).fill(1)));
    const attributes = { axis: -1, epsilon: float(Number(config.epsilon)) };
    return graph.add('LayerNormalization', [inputs[0]!, scale, ...(config.center ? [tensor('beta')] : [])], attributes);
  },
  Add: folded('Add'),
  Multiply: folded('Mul'),
  Average: join(({ graph, inputs }) =>
    graph.scale(
      inputs.reduce((sum, input) => graph.add('Add', [sum, input])),
      1 / inputs.length,
    ),
  ),
  Maximum: join(({ graph, inputs }) => graph.add('Max', inputs)),
  Minimum: join(({ graph, inputs }) => graph.add('Min', inputs)),
  Concatenate: ({ graph, config, inputs }) => graph.add('Concat', inputs, { axis: Number(config.axis) }),
};
