/**
 * A Keras model, sequential, functional or nested, as ONNX nodes. Keras has the channels of images last and ONNX first: they are
 * turned around those operators that want it.
 */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { TributaryError } from '../../../core/errors.ts';
import { createGraph, valueInfo } from '../../onnx/graph.ts';
import { type InferenceModel, opset } from '../../onnx/model.ts';
import { readTensor } from '../../onnx/tensor.ts';
import type { Architecture } from '../architecture.ts';
import { isNested } from '../layers.ts';
import { activationLayers } from './activations.ts';
import { type Converter, type Layer, unsupported } from './layerCall.ts';
import { ordinaryLayers } from './ordinary.ts';
import { recurrentLayers } from './recurrent.ts';
import { spatialLayers } from './spatial.ts';

const converters: Record<string, Converter> = {
  ...ordinaryLayers,
  ...activationLayers,
  ...spatialLayers,
  ...recurrentLayers,
};

/** Weights are named as in the layout, and left to the caller. Errors: OPERATOR_UNSUPPORTED. */
export function convertKeras(
  { model, inputShape, isTransposed }: Architecture,
  taskShape: readonly number[],
): InferenceModel {
  const graph = createGraph('keras/');
  const turned = new Map<string, string>();
  const turn = (value: string, rank: number, isForward: boolean) => {
    if (rank < 3) return value;
    const known = turned.get(value);
    if (known !== undefined) return known;
    const places = Array.from({ length: rank - 2 }, (_, axis) => axis + (isForward ? 1 : 2));
    const perm = isForward ? [0, rank - 1, ...places] : [0, ...places, 1];
    const other = graph.add('Transpose', [value], { perm });
    turned.set(other, value);
    return other;
  };

  /** The value of a tensor of one model, whose inputs are these values. */
  function convertModel(inner: LayersModel, inputs: readonly string[], path: string): string {
    const values = new Map(inner.inputs.map((tensor, place) => [tensor.id, inputs[place]!]));
    const valueAt = (tensor: SymbolicTensor): string => {
      const value = values.get(tensor.id) ?? call(tensor);
      values.set(tensor.id, value);
      return value;
    };
    const call = ({ sourceLayer, nodeIndex, shape }: SymbolicTensor): string => {
      const layer = sourceLayer as unknown as Layer;
      const { inputTensors } = (layer.inboundNodes as unknown as { inputTensors: SymbolicTensor[] }[])[nodeIndex]!;
      const operands = inputTensors.map(valueAt);
      const place = `${path}${layer.name}`;
      if (isNested(layer)) return convertModel(layer, operands, `${place}/`);
      const convert = converters[layer.getClassName()];
      if (convert === undefined) throw unsupported({ layer }, 'it has no conversion');
      const inputRank = inputTensors[0]!.shape.length;
      return convert({
        graph,
        layer,
        config: layer.getConfig() as Record<string, unknown>,
        inputs: operands,
        inputShape: inputTensors[0]!.shape.slice(1) as number[],
        outputShape: shape.slice(1) as number[],
        tensor: (name) => `${place}.${name}`,
        channelsFirst: (value) => turn(value, inputRank, true),
        channelsLast: (value) => turn(value, inputRank, false),
      });
    };
    return valueAt(inner.outputs[0]!);
  }

  let input = 'input';
  if (isTransposed) input = turn(input, 4, false);
  else if (taskShape.join() !== inputShape.join()) {
    input = graph.add('Reshape', [input, graph.integers([-1, ...inputShape])]);
  }
  const output = convertModel(model, [input], '');
  if (output === input) {
    throw new TributaryError('MODEL_INVALID', 'The Keras model computes nothing: add a Dense layer.');
  }
  graph.addNamed('Identity', [output], ['logits']);
  const { node = [], initializer = [] } = graph.build('keras', [], [valueInfo('logits', 'float32', [])]);
  const constants = new Map(initializer.map((proto) => [proto.name ?? '', readTensor(proto)]));
  return { input: 'input', output: 'logits', nodes: node, initializers: constants, opset };
}
