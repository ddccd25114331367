/** The activation that a model ends with, where the loss has it already. */
import { TributaryError } from '../../core/errors.ts';
import type { Loss } from '../engine.ts';
import { type Json, type LayerJson, nameOf, note, type Reading } from './kerasLayers.ts';
import { reshapeClass } from './reshape.ts';

/** What each loss applies to the logits itself. */
const ownActivations: Partial<Record<Loss, readonly string[]>> = {
  softmaxCrossEntropy: ['softmax', 'log_softmax'],
  binaryCrossEntropy: ['sigmoid'],
  multiLabelCrossEntropy: ['sigmoid'],
};
const probabilities = ['softmax', 'log_softmax', 'sigmoid', 'hard_sigmoid'];
/** What may stand behind the activation and changes no value. */
const movers = ['Dropout', reshapeClass];

/** Takes the last activation off where the loss applies it. Errors: MODEL_INVALID where the loss applies another. */
export function takeIntoLoss(model: LayerJson, loss: Loss, reading: Reading): void {
  const own = ownActivations[loss];
  if (own === undefined) return;
  const layer = endOf(model);
  const activation = layer && activationOf(layer);
  if (layer === undefined || activation === undefined || !probabilities.includes(activation)) return;
  if (!own.includes(activation) || (layer.inbound_nodes?.length ?? 1) > 1) {
    throw new TributaryError(
      'MODEL_INVALID',
      `The Keras model ends with ${activation} in the layer "${nameOf(layer)}", and the loss ${loss} applies ${own[0]} to logits: end the model without an activation.`,
      { args: { layer: nameOf(layer) } },
    );
  }
  note(reading, `its ${activation} is taken into the loss, so that the model gives logits`, layer);
  if (layer.class_name === 'Softmax') layer.class_name = 'Activation';
  layer.config.activation = 'linear';
}

/** The layer whose values the model gives, up to their shape. */
function endOf({ config }: LayerJson): LayerJson | undefined {
  const layers = config.layers as LayerJson[];
  const named = (name: unknown) => layers.find((layer) => nameOf(layer) === name);
  const [output] = (config.output_layers as unknown[][] | undefined) ?? [];
  let layer = output === undefined ? layers.at(-1) : named(output[0]);
  while (layer !== undefined && (movers.includes(layer.class_name) || isLinear(layer))) {
    const [history] = (layer.inbound_nodes?.[0] ?? []) as unknown[][];
    layer = layer.inbound_nodes === undefined ? layers[layers.indexOf(layer) - 1] : named(history?.[0]);
  }
  return layer && Array.isArray((layer.config as Json).layers) ? endOf(layer) : layer;
}

function isLinear(layer: LayerJson): boolean {
  return layer.class_name === 'Activation' && activationOf(layer) === 'linear';
}

function activationOf({ class_name: className, config }: LayerJson): string | undefined {
  if (className === 'Softmax') return 'softmax';
  return typeof config.activation === 'string' ? config.activation : undefined;
}
