/** Convolutions and pooling, over one or two axes of places. */
import type { Attributes } from '../../onnx/node.ts';
import { floatTensor } from '../../onnx/tensor.ts';
import { activate } from './activations.ts';
import { type Converter, type LayerCall, unsupported } from './layerCall.ts';

/** Errors: OPERATOR_UNSUPPORTED. */
function checkChannelsLast(call: LayerCall): void {
  if (call.config.dataFormat === 'channelsFirst') throw unsupported(call, 'it has its channels first');
}

/** Errors: OPERATOR_UNSUPPORTED. */
function window(call: LayerCall, size: 'kernelSize' | 'poolSize'): Attributes {
  const { config } = call;
  checkChannelsLast(call);
  if (config.padding === 'causal') throw unsupported(call, 'its padding is causal');
  const list = (value: unknown) => [value].flat() as number[];
  return {
    kernel_shape: list(config[size]),
    strides: list(config.strides),
    ...(config.padding === 'same' && { auto_pad: 'SAME_UPPER' }),
  };
}

function bias({ config, tensor }: LayerCall): string[] {
  return config.useBias === false ? [] : [tensor('bias')];
}

const convolution: Converter = (call) => {
  const { graph, inputs, tensor, channelsFirst, channelsLast } = call;
  const operands = [channelsFirst(inputs[0]!), tensor('weight'), ...bias(call)];
  return activateOverChannels(call, channelsLast(graph.add('Conv', operands, window(call, 'kernelSize'))));
};

/** Each channel by itself: [multiplier, channels, …] of the layout as [channels · multiplier, 1, …]. */
function depthwise(call: LayerCall, others: readonly string[]): string {
  const { graph, layer, inputs, inputShape, tensor, channelsFirst } = call;
  const channels = inputShape.at(-1)!;
  const kernel = graph.add('Transpose', [tensor('depthwise_weight')], { perm: [1, 0, 2, 3] });
  const multiplier = Number((layer as unknown as { depthMultiplier: number }).depthMultiplier);
  const size = call.config.kernelSize as number[];
  const filters = graph.add('Reshape', [kernel, graph.integers([channels * multiplier, 1, ...size])]);
  const attributes = { ...window(call, 'kernelSize'), group: channels };
  return graph.add('Conv', [channelsFirst(inputs[0]!), filters, ...others], attributes);
}

/** Element by element wherever the channels stand; only a softmax is over the last axis. */
function activateOverChannels(call: LayerCall, value: string): string {
  const isElementwise = !/softmax/i.test(String(call.config.activation));
  if (!isElementwise) return activate(call, value);
  return call.channelsLast(activate(call, call.channelsFirst(value)));
}

const pooling =
  (opType: 'MaxPool' | 'AveragePool'): Converter =>
  (call) => {
    const { graph, inputs, channelsFirst, channelsLast } = call;
    return channelsLast(graph.add(opType, [channelsFirst(inputs[0]!)], window(call, 'poolSize')));
  };

const globalPooling =
  (opType: 'ReduceMean' | 'ReduceMax'): Converter =>
  (call) => {
    checkChannelsLast(call);
    const places = call.inputShape.slice(1).map((_, axis) => axis + 1);
    return call.graph.add(opType, [call.inputs[0]!, call.graph.integers(places)], { keepdims: 0 });
  };

export const spatialLayers: Record<string, Converter> = {
  Conv1D: convolution,
  Conv2D: convolution,
  DepthwiseConv2D: (call) => activateOverChannels(call, call.channelsLast(depthwise(call, bias(call)))),
  SeparableConv2D(call) {
    const pointwise = [depthwise(call, []), call.tensor('pointwise_weight'), ...bias(call)];
    return activateOverChannels(call, call.channelsLast(call.graph.add('Conv', pointwise)));
  },
  MaxPooling1D: pooling('MaxPool'),
  MaxPooling2D: pooling('MaxPool'),
  AveragePooling1D: pooling('AveragePool'),
  AveragePooling2D: pooling('AveragePool'),
  GlobalAveragePooling1D: globalPooling('ReduceMean'),
  GlobalAveragePooling2D: globalPooling('ReduceMean'),
  GlobalMaxPooling1D: globalPooling('ReduceMax'),
  GlobalMaxPooling2D: globalPooling('ReduceMax'),
  ZeroPadding2D(call) {
    checkChannelsLast(call);
    const [[top, bottom], [left, right]] = call.config.padding as [[number, number], [number, number]];
    return call.graph.add('Pad', [call.inputs[0]!, call.graph.integers([0, top, left, 0, 0, bottom, right, 0])]);
  },
  Cropping2D(call) {
    checkChannelsLast(call);
    const { graph, config, inputs, inputShape } = call;
    const cropping = config.cropping as [[number, number], [number, number]];
    const starts = cropping.map(([before]) => before);
    const ends = cropping.map(([, after], axis) => inputShape[axis]! - after);
    return graph.add('Slice', [inputs[0]!, graph.integers(starts), graph.integers(ends), graph.integers([1, 2])]);
  },
  UpSampling2D(call) {
    const { graph, config, inputs, channelsFirst, channelsLast } = call;
    checkChannelsLast(call);
    if (config.interpolation !== 'nearest') throw unsupported(call, 'Keras and TensorFlow.js interpolate differently');
    const [rows, columns] = config.size as [number, number];
    const scales = graph.constant(floatTensor([4], [1, 1, rows, columns]));
    const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    return channelsLast(graph.add('Resize', [channelsFirst(inputs[0]!), '', scales], attributes));
  },
};
