/** One call of a Keras layer on its way to ONNX nodes. Values stay as Keras has them: channels last. */
import type { layers as tfLayers } from '@tensorflow/tfjs';
import { TributaryError } from '../../../core/errors.ts';
import type { GraphBuilder } from '../../onnx/graph.ts';

export type Layer = ReturnType<typeof tfLayers.dense>;

export interface LayerCall {
  graph: GraphBuilder;
  layer: Layer;
  /** As TensorFlow.js names its settings. */
  config: Record<string, unknown>;
  inputs: readonly string[];
  /** Of one sample of the first input, and of the output. */
  inputShape: readonly number[];
  outputShape: readonly number[];
  /** The name of one of the layer's tensors, for example `weight`. */
  tensor(name: string): string;
  /** For operators that want channels first; turning there and back again gives the value itself. */
  channelsFirst(value: string): string;
  channelsLast(value: string): string;
}

/** Gives the output's name. Errors: OPERATOR_UNSUPPORTED. */
export type Converter = (call: LayerCall) => string;

export function unsupported({ layer }: Pick<LayerCall, 'layer'>, problem: string): TributaryError {
  const className = layer.getClassName();
  return new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `The Keras layer "${layer.name}" (${className}) cannot be exported to ONNX, so it is not trained: ${problem}.`,
    { args: { layer: layer.name, operator: className } },
  );
}

/** Errors: OPERATOR_UNSUPPORTED unless the layer's axis is the last. */
export function checkLastAxis(call: LayerCall): void {
  const axes = [call.config.axis ?? -1].flat().map(Number);
  const isLast = axes.length === 1 && (axes[0] === -1 || axes[0] === call.inputShape.length);
  if (!isLast) throw unsupported(call, 'its axis must be the last');
}
