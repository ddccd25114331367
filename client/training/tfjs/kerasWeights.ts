/** Weights that a Keras file holds (as TensorFlow.js writes them, `weightSpecs` and `weightData` in base64), and which of them stay. */
import type { LayersModel, NamedTensorMap, Variable } from '@tensorflow/tfjs';
import { fromBase64 } from '../../core/base64.ts';
import { invalid, type Json, type Reading } from './kerasLayers.ts';
import { layersOf } from './layers.ts';
import type { Tf } from './tf.ts';

/** The layer's path and the tensor's name, as the layout has it. */
export function tensorName(path: string, originalName: string): string {
  return `${path}.${originalName.split('/').at(-1)!.replace('kernel', 'weight')}`;
}

/** Sets every weight of the model. Errors: MODEL_INVALID where one is missing or has another shape. */
export function loadWeights(tf: Tf, model: LayersModel, { weightSpecs, weightData }: Json): void {
  let tensors: NamedTensorMap;
  try {
    const { buffer, byteOffset, byteLength } = fromBase64(weightData as string);
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    tensors = tf.io.decodeWeights(bytes, weightSpecs as Parameters<typeof tf.io.decodeWeights>[1]);
  } catch (cause) {
    throw invalid('its weightData is not what its weightSpecs say, in base64', cause);
  }
  for (const { layer, path } of layersOf(model)) {
    for (const weight of layer.weights) {
      const own = weight.originalName.split('/').at(-1)!;
      const tensor = findTensor(tensors, path, layer.name, own);
      const variable = weight.read() as Variable;
      if (tensor?.shape.join() !== variable.shape.join()) {
        const found =
          tensor === undefined ? 'is missing' : `has the shape [${tensor.shape}] instead of [${variable.shape}]`;
        throw invalid(`the weight "${path}/${own}" ${found} in its weightSpecs`);
      }
      variable.assign(tf.cast(tensor, 'float32'));
    }
  }
  tf.dispose(tensors);
}

/** By its path; else by its layer and its own name, between which Keras may have the name of a cell. */
function findTensor(tensors: NamedTensorMap, path: string, layer: string, own: string) {
  const names = Object.keys(tensors).map((key) => ({ key, parts: key.replace(/:0$/, '').split('/') }));
  const isOwn = (name = '') => name === own || `depthwise_${name}` === own; // as Keras 3 names it
  const candidates = [
    names.filter(({ parts }) => `/${parts.slice(0, -1).join('/')}`.endsWith(`/${path}`) && isOwn(parts.at(-1))),
    names.filter(({ parts }) => parts.includes(layer) && isOwn(parts.at(-1))),
  ];
  const found = candidates.find(({ length }) => length === 1);
  return found && tensors[found[0]!.key];
}

/** Names what stays in `fixed`. Where the statistics of a batch normalisation stay, it computes in training as in inference. */
export function freeze(model: LayersModel, reading: Reading, hasFrozenStatistics: boolean): void {
  const { fixed, frozen, inference } = reading;
  for (const { layer, path } of layersOf(model)) {
    const isNormalisation = layer.getClassName() === 'BatchNormalization';
    const isInference = inference.some((place) => path === place || path.startsWith(`${place}/`));
    const statistics = isInference
      ? 'its layer is called with training=False'
      : hasFrozenStatistics && 'batchStatistics is frozen';
    for (const { originalName } of layer.weights) {
      const name = tensorName(path, originalName);
      if (frozen.has(path)) fixed.set(name, 'its layer is not trainable');
      else if (isNormalisation && statistics && name.includes('.moving_')) fixed.set(name, statistics);
    }
    const staysInInference = isInference || (isNormalisation && (hasFrozenStatistics || frozen.has(path)));
    if (!staysInInference) continue;
    const call = layer.call.bind(layer);
    layer.call = (inputs, settings) => call(inputs, { ...settings, training: false });
  }
}
